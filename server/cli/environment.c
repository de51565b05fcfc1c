#include "cli/environment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void set_url(const char *name, const struct stage *stage,
                    void (*add)(const struct stage *stage, struct buffer *out))
{
	struct buffer url = { 0 };

	add(stage, &url);
	if (url.length > 0)
		setenv(name, url.data, 1);
	else
		unsetenv(name);
	buffer_release(&url);
}

/* What is between "https://" and the port. */
static void set_host(const struct stage *stage)
{
	struct buffer url = { 0 };
	char *end;

	stage_add_url(stage, &url);
	end = url.data ? strrchr(url.data, ':') : NULL;
	if (end) {
		*end = '\0';
		setenv("CPGW_HOST", url.data + strlen("https://"), 1);
	}
	buffer_release(&url);
}

static void set_or_unset(const char *name, const char *value)
{
	if (value && *value)
		setenv(name, value, 1);
	else
		unsetenv(name);
}

static bool has_proxy(void)
{
	static const char *const proxies[] = { "https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY",
		                               "all_proxy",   "ALL_PROXY",   NULL };

	for (const char *const *name = proxies; *name; name++)
		if (getenv(*name))
			return true;
	return false;
}

/* A proxy's "localhost" is another machine. Clients know one spelling or both; "*" is all hosts, only when alone. */
static void spare_proxy(void)
{
	const char *spared = getenv("no_proxy");
	struct buffer list = { 0 };

	if (!spared)
		spared = getenv("NO_PROXY");
	if (!has_proxy() || (spared && strcmp(spared, "*") == 0))
		return;
	buffer_add_format(&list, "%s%slocalhost,127.0.0.1,::1", spared ? spared : "", spared && *spared ? "," : "");
	if (!buffer_failed(&list)) {
		setenv("no_proxy", list.data, 1);
		setenv("NO_PROXY", list.data, 1);
	}
	buffer_release(&list);
}

bool environment_set(const struct stage *stage, struct ca_bundle *bundle, struct error *error)
{
	static const char *const bundles[] = { "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE",
		                               "NODE_EXTRA_CA_CERTS", NULL };
	const char *authority = stage->tls.authority_file[0] ? stage->tls.authority_file : NULL;
	char port[8];

	if (!ca_bundle_make(bundle, authority, error))
		return false;
	snprintf(port, sizeof port, "%u", stage->first->gateway->port);
	set_url("CPGW_URL", stage, stage_add_url);
	/* Where there is none, our own commands are not to look for somebody else's at the usual port. */
	set_url("CPGW_ADMIN_URL", stage, stage_add_admin_url);
	if (!getenv("CPGW_ADMIN_URL"))
		setenv("CPGW_ADMIN_URL", "", 1);
	set_host(stage);
	setenv("CPGW_PORT", port, 1);
	set_or_unset("CPGW_CA_FILE", authority);
	set_or_unset("CPGW_ADMIN_TOKEN", stage_admin_token(stage));
	for (const char *const *name = bundles; *name; name++)
		setenv(*name, bundle->file.data, 1);
	spare_proxy();
	return true;
}
