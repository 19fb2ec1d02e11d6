"""Products on trial among what is suggested: a share of what is shown, and what customers make of it (F20)."""

from __future__ import annotations

from collections.abc import Sequence

from actions.action import Turn
from actions.situation import Talk
from actions.suggestions import message_key
from sixty.shop.recommendations import Suggestion
from sixty.shop.trials import candidate, outcome, shop_trials


def note_tap(turn: Turn, number: str | None) -> None:
    """Counts that a product was chosen or asked about, where it was suggested last."""
    if number in Talk.kept(turn).shown:
        with turn.writing() as session:
            outcome(session, "tap", turn.viewer, number, turn.now, f"{message_key(turn)}:tap:{number}")


def with_candidate(
    turn: Turn, suggestions: Sequence[Suggestion], suitable: Sequence[Suggestion], scene: str
) -> list[Suggestion]:
    """Gives a share of the last places to a product on trial.

    Args:
        turn: The turn.
        suggestions: What would be shown.
        suitable: Everything that suits the customer; a candidate that does not is not shown, and what is shown anyway
            takes no place of the trial's.
        scene: Where it is shown, as the merchant's trials name it.
    """
    shown = {each.product.no for each in suggestions}
    fitting = {each.product.no: each for each in suitable if each.product.no not in shown}
    on_trial = {number for trial in shop_trials() if trial.runs(turn.now) for number in trial.products}
    if not on_trial & fitting.keys():
        return [*suggestions]
    with turn.writing() as session:
        key = f"{message_key(turn)}:{scene}"
        chosen = candidate(session, key, turn.viewer, turn.now, scene, exclude=on_trial - fitting.keys())
    if chosen is None or chosen.product_no not in fitting:
        return [*suggestions]
    return [*suggestions[: max(len(suggestions) - 1, 1)], fitting[chosen.product_no]]
