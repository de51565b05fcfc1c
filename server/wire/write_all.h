/*
 * One loop that writes everything.
 */
#ifndef CPGW_WIRE_WRITE_ALL_H
#define CPGW_WIRE_WRITE_ALL_H

#include <stdbool.h>
#include <stddef.h>

/* Writes all bytes to a blocking descriptor, however many calls that takes. False, with errno, when one failed. */
bool write_all(int fd, const char *bytes, size_t length);

#endif
