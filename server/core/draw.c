#include "core/draw.h"

/* The finaliser of SplitMix64 (Steele, Lea and Flood, 2014): every input bit moves every output bit. */
static uint64_t mix(uint64_t x)
{
	x += 0x9E3779B97F4A7C15ULL;
	x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
	x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
	return x ^ (x >> 31);
}

uint64_t draw(uint64_t seed, uint64_t who, uint64_t ordinal)
{
	return mix(mix(mix(seed) ^ who) ^ ordinal);
}
