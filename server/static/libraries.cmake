# The target cpgw_static: OpenSSL and libmicrohttpd as archives, linked into the program. CPGW_STATIC_FOUND says whether
# this machine has them and they fit together. Included by CMakeLists.txt when CPGW_STATIC is on.
#
# Why: before main() begins, the dynamic linker spends milliseconds on OpenSSL, libmicrohttpd and the ten libraries of
# GnuTLS, and writes to a megabyte of their pages. At a fixed address (no PIE) nothing is relocated at all.
#
# The price: an update of libssl3 or libmicrohttpd12 reaches the program only when it is built again, and its own code is
# always in the same place. For something that answers tests on a loopback address that is little; who thinks otherwise
# configures with -DCPGW_STATIC=OFF. cJSON, wslay and the C library stay shared: Debian has no libcjson.a and no libwslay.a,
# and both are small and need nothing else.

# libmicrohttpd wants GnuTLS's names, for TLS that it never does here.
add_library(cpgw_no_gnutls STATIC ${CMAKE_CURRENT_LIST_DIR}/no_gnutls.c)
target_link_libraries(cpgw_no_gnutls PRIVATE cpgw_warnings)
find_library(MICROHTTPD_ARCHIVE libmicrohttpd.a HINTS ${MICROHTTPD_LIBDIR})
find_library(SSL_ARCHIVE libssl.a HINTS ${MICROHTTPD_LIBDIR})
find_library(CRYPTO_ARCHIVE libcrypto.a HINTS ${MICROHTTPD_LIBDIR})
mark_as_advanced(MICROHTTPD_ARCHIVE SSL_ARCHIVE CRYPTO_ARCHIVE)

set(CPGW_STATIC_FOUND OFF)
if(NOT MICROHTTPD_ARCHIVE OR NOT SSL_ARCHIVE OR NOT CRYPTO_ARCHIVE)
  message(STATUS "No libmicrohttpd.a, libssl.a or libcrypto.a here: linking the shared ones, and starts take longer")
  return()
endif()

# An archive of another version may ask for more than there is.
set(tls_archives ${SSL_ARCHIVE} ${CRYPTO_ARCHIVE} ${CMAKE_DL_LIBS} pthread)
if(NOT DEFINED CPGW_STATIC_LINKS)
  try_compile(CPGW_STATIC_LINKS ${PROJECT_BINARY_DIR}/static_links
              SOURCES ${CMAKE_CURRENT_LIST_DIR}/probe.c ${CMAKE_CURRENT_LIST_DIR}/no_gnutls.c
              CMAKE_FLAGS "-DINCLUDE_DIRECTORIES=${MICROHTTPD_INCLUDE_DIRS};${OPENSSL_INCLUDE_DIR}"
              LINK_OPTIONS -no-pie LINK_LIBRARIES ${MICROHTTPD_ARCHIVE} ${tls_archives})
endif()
if(NOT CPGW_STATIC_LINKS)
  message(STATUS "The archives here do not make a program: linking the shared libraries, and starts take longer")
  return()
endif()

add_library(cpgw_static INTERFACE)
target_include_directories(cpgw_static INTERFACE ${MICROHTTPD_INCLUDE_DIRS} ${OPENSSL_INCLUDE_DIR})
target_link_libraries(cpgw_static INTERFACE ${MICROHTTPD_ARCHIVE} cpgw_no_gnutls ${tls_archives})
target_link_options(cpgw_static INTERFACE -no-pie)
set(CPGW_STATIC_FOUND ON)
