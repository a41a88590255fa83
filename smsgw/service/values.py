"""What the placeholders of config/replies.toml get: the values of a payment, as people read them."""

from __future__ import annotations

from smsgw.domain.payment import Payment
from smsgw.service.rules import US, Rules


def payment_values(payment: Payment, rules: Rules) -> dict[str, str]:
    """Values prov, acc, amt, fee, total, no, cur and card of a payment."""
    provider = rules.catalogue.find(payment.provider)
    return {
        "prov": provider.title if provider else payment.provider,
        "acc": payment.account_text,
        "amt": payment.amount.text(),
        "fee": payment.fee.text(),
        "total": payment.total.text(),
        "no": str(payment.number),
        "cur": payment.amount.currency.code,
        "card": payment.source,
    }


def time_values(time_us: int, rules: Rules) -> dict[str, str]:
    """Values dt and d: the moment in the service's time zone, `21.11.26 17:26` and `21.11.26`."""
    local = rules.local(time_us)
    return {"dt": local.strftime("%d.%m.%y %H:%M"), "d": local.strftime("%d.%m.%y")}


def minutes(duration_us: int) -> str:
    """Whole minutes for people: a started minute counts, and nothing is less than one."""
    return str(max(1, -(-duration_us // (60 * US))))
