"""What OpenAPI can't say of this API, and so schemathesis can't know."""

from itertools import cycle

from schemathesis import GenerationMode, hook
from schemathesis.generation.meta import TestPhase

KEY = "Idempotency-Key"
TASKS_MAX = 8
# Those that the server is configured with.
MODELS = {"big_model": "demo-big", "small_model": "demo-small"}

# Which schemas are honoured no schema says: the official suite tests that.
SCHEMA = {"type": "object", "properties": {"choice": {"type": "string"}}, "required": ["choice"]}

# The test made one workflow in each of these states. Unknown ids come from elsewhere often enough.
IDS = cycle(["complete", "waiting", "paused"])


@hook
def filter_case(context, case):
    """Whatever is sent as text is a text, so a text body can't have the wrong type."""
    is_text = (case.media_type or "").startswith("text/")
    return not (is_text and is_negative(case) and not isinstance(case.body, (str, bytes)))


@hook
def map_case(context, case):
    """Asks for workflows that are there."""
    known = case.path_parameters and not is_negative(case) and not is_stateful(case) and case.method != "DELETE"
    if known and "id" in case.path_parameters:
        case.path_parameters["id"] = next(IDS)
    return case


@hook
def before_call(context, case, kwargs):
    """Makes valid what is valid in each part, but not as a whole."""
    if is_negative(case) or not isinstance(case.body, (dict, list)):
        return
    body = case.body if isinstance(case.body, dict) else {"tasks": case.body}
    options = body.get("options") or {}
    # Each of the two decides the workflow's id.
    if body.get("id") is not None and case.headers:
        case.headers.pop(KEY, None)
    # Each of the two is the conversation so far.
    if body.get("follow_up_to") is not None:
        body.pop("history", None)
    for name, model in MODELS.items():
        if options.get(name) is not None:
            options[name] = model
    if isinstance(options.get("output_schema"), dict):
        options["output_schema"] = SCHEMA
    if isinstance(body.get("tasks"), list):
        make_plan(body["tasks"], int(options.get("max_subtasks") or TASKS_MAX))
    make_contract(body)


def make_contract(body):
    """What the parts agree on names criteria and owners that are there, and belongs to tasks of one's own."""
    tasks = body.get("tasks")
    if tasks is None and "prompt" in body:
        for name in ("shared", "borders", "criteria", "form"):
            body.pop(name, None)
    for border in body.get("borders") or []:
        if isinstance(border, dict) and border.get("owner") is not None:
            border["owner"] = "editor"
    for task in tasks or []:
        if isinstance(task, dict) and task.get("criteria") is not None:
            task["criteria"] = [1] if body.get("criteria") else []
    if tasks is not None and isinstance(body.get("options"), dict) and body["options"].get("mode") == "direct":
        body["options"]["mode"] = "auto"


def make_plan(tasks, limit):
    """A plan has at most `limit` tasks, all of them different, and they depend on tasks that are there."""
    del tasks[limit:]
    for number, task in enumerate(tasks):
        if isinstance(task, str):
            tasks[number] = f"{number}: {task}"
            continue
        task["instructions"] = f"{number}: {task['instructions']}"
        if task.get("id") is not None:
            task["id"] = f"task-{number}"
        if task.get("depends_on") is not None:
            before = tasks[number - 1] if number > 0 else None
            task["depends_on"] = [before["id"]] if isinstance(before, dict) and before.get("id") else []


def is_stateful(case):
    return case.meta is None or case.meta.phase.name == TestPhase.STATEFUL


def is_negative(case):
    return case.meta is not None and case.meta.generation.mode == GenerationMode.NEGATIVE
