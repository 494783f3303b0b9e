"""Fits how the parts of a score are weighed, and how sure it is, on labelled questions; numbers come out.

What is fitted on questions looks too good on them: `Fitter.crossed` says how it does on questions that the
fit has not seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge.calibration import ANSWER_AT, Calibration, Evidence, Parts, fit
from knowledge.checks import bare_text
from knowledge.evaluate import Asked, Outcome, Progress, Scope, held_out, outcome_of
from knowledge.frequency import Frequency
from knowledge.index import FaqIndex
from knowledge.loader import Knowledge
from knowledge.semantic import Encoder, Remembering
from knowledge.vectors import Floats

_FOLDS = 5
_OWN_RANKS = 0.3  # weight in ranking: there are as many own questions on every topic, given ones as they come
_GIVEN_SURE = 3.0  # weight in sureness, against 1 for an own question
_PHRASING_WEIGHT = 0.3  # phrasings are many, and alike
_WRONG_WEIGHT = 1.0
_SHRINK = 1.0
_LONGEST_STEP = 1.0  # where questions are few and easy, a whole step of Newton leaps too far
_RIGHT = 0.95  # of the direct answers to questions of ours
_OUTSIDE = 0.05  # of the questions that are not ours may be answered
_HIGHEST = 88  # percent; a threshold above would answer nothing but what was said before
_ROUNDS = 2  # how sure it is decides what is read by sound, and that changes what sureness is fitted on


@dataclass(frozen=True, slots=True)
class Fitted:
    """What a fit finds: one calibration file, one frequency file."""

    calibration: Calibration
    frequency: Frequency


@dataclass(frozen=True, slots=True)
class _Sample:
    index: FaqIndex
    asked: Asked
    weight: float
    given: bool = False


class Fitter:
    """Holds the indexes that questions are judged by: the whole one, and one for each fold of phrasings."""

    def __init__(
        self,
        knowledge: Knowledge,
        own: Sequence[Asked],
        encoder: Encoder | None,
        cache: Path | None,
        progress: Progress,
    ) -> None:
        """`own` are the blind questions of tests/questions; half of the outside ones is never fitted on.

        A phrasing is judged by an index that was built without it, so that the fit never sees the search
        repeat what it was taught. With an `encoder` everything is compared by meaning.
        """
        self._progress = progress
        known = {bare_text(text) for texts in knowledge.outside.fields.values() for text in texts}
        remembering = Remembering(encoder, cache) if encoder else None
        self._index = _built(knowledge, remembering, cache, progress)
        self._own = [
            _Sample(self._index, one, 1.0)
            for one in own
            if one.scope is Scope.IN or not (held_out(one) or bare_text(one.text) in known)
        ]
        self._left_out: list[_Sample] = []
        for fold in range(_FOLDS):
            rest, left_out = without_fold(knowledge, fold)
            index = _built(rest, remembering, None, progress)
            self._left_out += [_Sample(index, one, _PHRASING_WEIGHT) for one in left_out]

    def fitted(self, given: Sequence[Asked]) -> Fitted:
        """Fitted on own questions, left-out phrasings and `given`; without `given` the frequencies stay."""
        frequency = frequency_of(given) if given else Frequency.load()
        samples = [_Sample(self._index, one, _GIVEN_SURE, given=True) for one in given]
        calibration = Calibration.never_sure(self._parts([*samples, *self._own], frequency))
        for _ in range(_ROUNDS):
            calibration = self._sureness([*self._own, *samples, *self._left_out], calibration, frequency)
        return Fitted(calibration, frequency)

    def crossed(self, given: Sequence[Asked]) -> list[Outcome]:
        """Outcomes of `given`, each fifth of them judged by what was fitted on the other four."""
        outcomes: list[Outcome] = []
        for fold in range(_FOLDS):
            found = self.fitted([one for one in given if _fold_of(one) != fold])
            index = self._index.recalibrated(found.calibration, found.frequency)
            for one in given:
                if _fold_of(one) == fold:
                    index.prepare(one.text)
                    outcomes.append(outcome_of(index, one))
        return outcomes

    def threshold(self, crossed: Sequence[Outcome]) -> float:
        """The least sureness from which on answers are right, and outside questions left alone, often enough.

        Judged on outcomes of questions that the fit had not seen; at least what DESIGN asks for.
        """
        outside = sum(one.asked.scope is not Scope.IN for one in crossed) or 1
        for percent in range(round(ANSWER_AT * 100), _HIGHEST):
            answered = [one for one in crossed if one.score >= percent / 100]
            ours = [one for one in answered if one.asked.scope is Scope.IN]
            right = sum(one.place() == 1 for one in ours)
            if right >= _RIGHT * len(ours) and len(answered) - len(ours) <= _OUTSIDE * outside:
                return percent / 100
        return _HIGHEST / 100

    def _parts(self, samples: Sequence[_Sample], frequency: Frequency) -> Parts:
        places = {entry: at for at, entry in enumerate(self._index.entry_ids)}
        values: list[Floats] = []
        rights: list[list[int]] = []
        weights: list[float] = []
        for sample in samples:
            right = [places[topic] for topic in sample.asked.topics if topic in places]
            if right:
                index = self._judge(sample, Calibration.never_sure(), frequency)
                values.append(index.parts_for(sample.asked.text))
                rights.append(right)
                weights.append(1.0 if sample.given else _OWN_RANKS)
        return likeliest(np.stack(values), rights, np.array(weights))

    def _sureness(
        self, samples: Sequence[_Sample], calibration: Calibration, frequency: Frequency
    ) -> Calibration:
        evidence: list[Evidence] = []
        right: list[bool] = []
        for number, sample in enumerate(samples, start=1):
            found, entry_id = self._judge(sample, calibration, frequency).evidence_for(sample.asked.text)
            evidence.append(found)
            right.append(entry_id in sample.asked.topics)
            self._progress(number, len(samples))
        weights = [
            sample.weight * (1 if one else _WRONG_WEIGHT) for sample, one in zip(samples, right, strict=True)
        ]
        return fit(evidence, right, weights, calibration.parts)

    def _judge(self, sample: _Sample, calibration: Calibration, frequency: Frequency) -> FaqIndex:
        """The index that judges a sample; that it was counted itself must not help it."""
        counted = frequency.without(sample.asked.topics) if sample.given else frequency
        sample.index.prepare(sample.asked.text)
        return sample.index.recalibrated(calibration, counted)


def frequency_of(given: Sequence[Asked]) -> Frequency:
    """How often each topic was asked about."""
    return Frequency.of(topic for one in given if one.scope is Scope.IN for topic in one.topics)


def likeliest(values: Floats, rights: Sequence[Sequence[int]], weights: NDArray[np.float64]) -> Parts:
    """The weights of the parts under which the right topics are likeliest: softmax regression by Newton.

    `values`: question × part × class; `rights`: the right classes of each question.
    """
    scale = values.std(axis=2).mean(axis=0) + 1e-9
    inputs = (values / scale[None, :, None]).astype(np.float64)
    wanted = np.zeros((len(values), values.shape[2]))
    for row, right in enumerate(rights):
        wanted[row, list(right)] = 1
    beta = np.ones(len(scale)) * (scale > 1e-8)
    for _ in range(30):
        shares = _softmax(np.einsum("p,qpc->qc", beta, inputs))
        among = shares * wanted
        among /= among.sum(axis=1, keepdims=True) + 1e-12
        slope = np.einsum("q,qc,qpc->p", weights, among - shares, inputs) - _SHRINK * beta
        mean = np.einsum("qc,qpc->qp", shares, inputs)
        curve = np.einsum("q,qc,qpc,qrc->pr", weights, shares, inputs, inputs, optimize=True)
        curve -= np.einsum("q,qp,qr->pr", weights, mean, mean)
        step = np.linalg.solve(curve + _SHRINK * np.eye(len(beta)), slope)
        beta += step * min(1.0, _LONGEST_STEP / (float(np.abs(step).max()) + 1e-12))
        if np.abs(step).max() < 1e-5:
            break
    return Parts(*(float(one) for one in np.where(scale > 1e-8, beta / scale, 0.0)))


def without_fold(knowledge: Knowledge, fold: int) -> tuple[Knowledge, list[Asked]]:
    """Knowledge without every fifth phrasing, and those phrasings as questions."""
    left_out: list[Asked] = []

    def rest(texts: tuple[str, ...], topics: tuple[str, ...]) -> tuple[str, ...]:
        scope = Scope.IN if topics else Scope.OUT
        left_out.extend(Asked("", text, topics, scope) for text in texts[fold::_FOLDS])
        return tuple(text for at, text in enumerate(texts) if at % _FOLDS != fold)

    entries = {
        entry.id: entry.model_copy(update={"ask": rest(entry.ask, (entry.id,))})
        for entry in knowledge.entries.values()
    }
    fields = {name: rest(texts, ()) for name, texts in knowledge.outside.fields.items()}
    outside = knowledge.outside.model_copy(update={"fields": fields})
    return replace(knowledge, entries=entries, outside=outside), left_out


def _built(knowledge: Knowledge, encoder: Encoder | None, cache: Path | None, progress: Progress) -> FaqIndex:
    index = FaqIndex.build(knowledge, Calibration.never_sure(), None, encoder, meanings_in=cache)
    index.warm_up(progress)
    return index.remembering()


def _fold_of(asked: Asked) -> int:
    """Which fifth a question belongs to; fixed by its text."""
    return sha256(bare_text(asked.text).encode()).digest()[1] % _FOLDS


def _softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    found: NDArray[np.float64] = shares / shares.sum(axis=1, keepdims=True)
    return found
