/* Why: a certificate that a fault shows must be wrong in one way and in no other, or a client fails for another reason
 * than the one that is tried out. */
#include "wire/identity.h"

#include "core/fault.h"
#include "wire/certificate_make.h"
#include "wire/tls.h"
#include "wire/tls_fault.h"

#include <criterion/criterion.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct telling {
	char folder[64];
	struct certificate_store store;
	struct certificate own;
	SSL_CTX *context;
};

static void begin(struct telling *telling)
{
	struct error error = { 0 };

	*telling = (struct telling){ .folder = "/tmp/cpgw-identity-XXXXXX" };
	cr_assert(mkdtemp(telling->folder));
	cr_assert(tls_start(&error) && certificate_store_open(telling->folder, &telling->store, &error) &&
	              certificate_store_leaf(&telling->store, &telling->own, &error),
	          "%s", error.text);
	telling->context = tls_context_new(TLS_MODERN, &telling->own, &error);
	cr_assert(telling->context, "%s", error.text);
}

static void end(struct telling *telling)
{
	static const char *const files[] = { "ca.crt", "ca.key", "leaf.crt", "leaf.key", ".lock" };
	char path[128];

	SSL_CTX_free(telling->context);
	certificate_release(&telling->own);
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		snprintf(path, sizeof path, "%s/%s", telling->folder, files[i]);
		unlink(path);
	}
	rmdir(telling->folder);
}

/* What a client that trusts the authority, and asks for localhost, says of what the session shows; X509_V_OK. */
static int verify(const struct telling *telling, SSL *session)
{
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *context = X509_STORE_CTX_new();
	STACK_OF(X509) *chain = NULL;
	int said;

	SSL_get0_chain_certs(session, &chain);
	X509_STORE_add_cert(store, sk_X509_value(telling->own.chain, 0));
	X509_STORE_CTX_init(context, store, SSL_get_certificate(session), chain);
	X509_STORE_CTX_set_purpose(context, X509_PURPOSE_SSL_SERVER);
	X509_VERIFY_PARAM_set1_host(X509_STORE_CTX_get0_param(context), "localhost", 0);
	X509_VERIFY_PARAM_set_flags(X509_STORE_CTX_get0_param(context), X509_V_FLAG_X509_STRICT);
	said = X509_verify_cert(context) == 1 ? X509_V_OK : X509_STORE_CTX_get_error(context);
	X509_STORE_CTX_free(context);
	X509_STORE_free(store);
	return said;
}

Test(wire_identity, each_is_wrong_in_one_way)
{
	static const struct {
		enum tls_identity identity;
		int said;
	} cases[] = {
		{ IDENTITY_OWN, X509_V_OK },
		{ IDENTITY_EXPIRED, X509_V_ERR_CERT_HAS_EXPIRED },
		{ IDENTITY_NOT_YET_VALID, X509_V_ERR_CERT_NOT_YET_VALID },
		{ IDENTITY_WRONG_HOST, X509_V_ERR_HOSTNAME_MISMATCH },
		{ IDENTITY_UNTRUSTED, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN },
		{ IDENTITY_CHANGED, X509_V_OK },
	};
	struct telling telling;
	struct error error = { 0 };

	begin(&telling);
	cr_assert(identity_set_store(telling.context, &telling.store));
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		SSL *session = SSL_new(telling.context);
		const bool is_own = cases[i].identity == IDENTITY_OWN;

		cr_expect_eq(identity_show(session, cases[i].identity), is_own, "it was not made yet");
		cr_assert(identity_prepare(telling.context, cases[i].identity, &error), "%s", error.text);
		cr_assert(identity_show(session, cases[i].identity));
		cr_expect_eq(verify(&telling, session), cases[i].said, "%zu: %s", i,
		             X509_verify_cert_error_string(verify(&telling, session)));
		cr_expect_eq(X509_cmp(SSL_get_certificate(session), telling.own.leaf) == 0, is_own);
		cr_expect_eq(EVP_PKEY_eq(SSL_get_privatekey(session), telling.own.key) == 1,
		             cases[i].identity != IDENTITY_CHANGED);
		SSL_free(session);
	}
	end(&telling);
}

Test(wire_identity, without_the_authority_only_a_strangers_can_be_made)
{
	struct telling telling;
	struct error error = { 0 };

	begin(&telling);
	cr_expect_not(identity_prepare(telling.context, IDENTITY_EXPIRED, &error));
	cr_expect(strstr(error.text, "without --cert"), "%s", error.text);
	cr_expect(identity_prepare(telling.context, IDENTITY_UNTRUSTED, &error));
	end(&telling);
}

Test(wire_identity, an_authority_without_its_key_signs_nothing)
{
	struct telling telling;
	struct error error = { 0 };
	char path[128];

	begin(&telling);
	cr_assert(identity_set_store(telling.context, &telling.store));
	snprintf(path, sizeof path, "%s/ca.key", telling.folder);
	cr_assert_eq(unlink(path), 0);
	cr_expect_not(identity_prepare(telling.context, IDENTITY_CHANGED, &error));
	cr_expect(strstr(error.text, "ca.key"), "%s", error.text);
	end(&telling);
}

Test(wire_identity, on_a_plain_port_there_is_no_tls_to_break)
{
	struct fault fault = { .name = "f", .kind = fault_kind_find("tls_reset") };
	struct error error = { 0 };

	cr_expect_not(tls_fault_fits(NULL, &fault, &error));
	cr_expect_str_eq(error.text, "fault \"f\": \"tls_reset\" acts on TLS, and this gateway speaks plain HTTP");
	fault.kind = fault_kind_find("fixed");
	cr_expect(tls_fault_fits(NULL, &fault, &error));
}
