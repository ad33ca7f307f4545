"""`python -m benchmarks.mass [PEOPLE] [--peers N] [--no-database]`: one million people by default."""

from __future__ import annotations

import argparse

from benchmarks.mass import database, memory, peers
from benchmarks.mass.people import people


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("people", type=int, nargs="?", default=1_000_000, help="people in the database")
    options.add_argument("--in-memory", type=int, default=100_000, help="people decided in memory")
    options.add_argument("--peers", type=int, default=20_000, help="people put to the peers; 0: none")
    options.add_argument("--no-database", action="store_true")
    options.add_argument("--processes", type=int, default=2)
    chosen = options.parse_args()
    helpers = list(people(chosen.in_memory))
    rate, answers = memory.run(helpers)
    if chosen.peers:
        peers.run(helpers[: chosen.peers], answers[: chosen.peers], rate)
    del helpers
    if not chosen.no_database:
        database.main(chosen.people, chosen.processes)


if __name__ == "__main__":
    main()
