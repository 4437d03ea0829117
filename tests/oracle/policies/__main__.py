"""Docker's reachability against the policies' on random hosts:

    python -m tests.oracle.policies --topologies 2000 --judge 200

Asks minidock's packets, our evaluator of the manifests and, for the first hosts, an
independent judge of them (nca). Prints every disagreement with the command lines that
lead there. The last line counts; the exit code is 1 if anything differs.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.oracle.policies.compare import ADDRESS, Question, Verdict, compare
from tests.oracle.policies.nca import Judged, judge, nca
from tests.oracle.policies.topologies import lines_of


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--topologies", type=int, default=100)
    parser.add_argument("--judge", type=int, default=0, help="how many nca judges, too")
    parser.add_argument("--seed", type=int, default=0, help="the first one's number")
    chosen = parser.parse_args()
    asked = wrong = 0
    kept: list[tuple[int, Verdict]] = []
    for seed in range(chosen.seed, chosen.seed + chosen.topologies):
        verdict = compare(lines_of(seed))
        asked += len(verdict.questions)
        wrong += len(verdict.wrong)
        for question in verdict.wrong:
            _tell(seed, question, "policies", question.policies)
        if len(kept) < chosen.judge:
            kept.append((seed, verdict))
    judged, unlike = _judged(kept) if kept else (0, 0)
    print(
        f"{chosen.topologies} topologies, {asked} questions, {wrong} disagreements; "
        f"judged by nca {len(kept)}, {judged} questions, {unlike} disagreements"
    )
    return 1 if wrong or unlike else 0


def _judged(kept: list[tuple[int, Verdict]]) -> tuple[int, int]:
    python = nca()
    if python is None:
        sys.exit("no nca: pip install network-config-analyzer in an environment")
    with tempfile.TemporaryDirectory() as folder:
        cases = [verdict.manifests for _, verdict in kept]
        answers = judge(python, cases, Path(folder))
    asked = unlike = 0
    for (seed, verdict), answer in zip(kept, answers, strict=True):
        for question in verdict.questions:
            asked += 1
            said = says(answer, question)
            # That there is a Service at all, the judge does not ask.
            if said != question.policies and (question.source or question.policies):
                unlike += 1
                _tell(seed, question, "nca", said)
    return asked, unlike


def says(answer: Judged, question: Question) -> bool:
    """The judge's word about a question."""
    ends = [
        f"default/{n}" if n else ADDRESS for n in (question.source, question.target)
    ]
    return answer.allows(ends[0], ends[1], question.port)


def _tell(seed: int, question: Question, who: str, said: bool) -> None:
    print(f"seed {seed}: {question}: {who} says {said}")
    print("  " + "\n  ".join(lines_of(seed)))


if __name__ == "__main__":
    sys.exit(main())
