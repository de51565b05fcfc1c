/*
 * Built when CMake is configured: do the archives that libraries.cmake has found make a program?
 */
#include <microhttpd.h>
#include <openssl/ssl.h>

int main(void)
{
	struct MHD_Daemon *daemon =
	    MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET, 0, NULL, NULL, NULL, NULL, MHD_OPTION_END);

	MHD_stop_daemon(daemon);
	return SSL_CTX_new(TLS_server_method()) ? 0 : 1;
}
