#include "wire/gateway.h"

void gateway_journal_clear(struct gateway *gateway)
{
	gateway_advance(gateway);
	journal_clear(&gateway->emulator.journal);
}
