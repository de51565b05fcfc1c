"""PyPI ibind, unmodified, for half an hour: once a minute check_health(), what its documentation advises when that is false,
and a look at the accounts. For `cpgw-mock gauntlet`; docs/gauntlet.md has what came of it."""

import sys

from gauntlet_session import Session
from ibind import IbkrClient, ibind_logs_initialize
from ibind.support.errors import ExternalBrokerError

REFUSED = (ExternalBrokerError, TimeoutError, ConnectionError)


def main():
    ibind_logs_initialize(log_to_console=True, log_to_file=False, log_level="WARNING")
    session = Session()
    client = IbkrClient(port=session.port, cacert=True, auto_register_shutdown=False)
    well = False
    for _ in session.rounds():
        # Not caught here: check_health() is meant to say true or false.
        well = client.check_health()
        try:
            if not well:
                session.count("unhealthy")
                client.initialize_brokerage_session()
                session.count("brokerage sessions begun")
                well = client.check_health()
            if session.counts["rounds"] % 5 == 0:
                client.validate()
            if well:
                client.receive_brokerage_accounts()
        except REFUSED as refused:
            session.count("refused")
            print(f"refused: {refused}", file=sys.stderr)
            well = False
    session.end(well)


if __name__ == "__main__":
    main()
