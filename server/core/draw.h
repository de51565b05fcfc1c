/*
 * Randomness as a function: a draw depends on the seed, on who draws and on how many times it has drawn, and on
 * nothing else. So nothing that happens between two draws can change the second.
 */
#ifndef CPGW_CORE_DRAW_H
#define CPGW_CORE_DRAW_H

#include <stdint.h>

uint64_t draw(uint64_t seed, uint64_t who, uint64_t ordinal);

#endif
