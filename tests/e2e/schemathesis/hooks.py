"""What OpenAPI can't say of this API, and so schemathesis can't know."""

from schemathesis import hook

KEY = "Idempotency-Key"


@hook
def filter_case(context, case):
    """A submission has an id or an idempotency key. Both together are well-formed by themselves, and refused."""
    has_id = isinstance(case.body, dict) and case.body.get("id") is not None
    return not (has_id and KEY in (case.headers or {}))
