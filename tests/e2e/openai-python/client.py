# Asks the Worker as OpenAI's library for Python does. The argument is JSON: url, token and jobs, a list of fields of a
# request with "do", what to do with it. Prints a line of JSON for what came of each, and for each repetition.

import json
import sys

import openai
from pydantic import BaseModel

asked = json.loads(sys.argv[1])


class Rivers(BaseModel):
    rivers: list[str]


def tell(what):
    print(json.dumps(what), flush=True)


def sent(request):
    count = int(request.headers.get("x-stainless-retry-count", 0))
    if count:
        tell({"repetition": count})


def whole(client, request):
    answer = client.chat.completions.with_raw_response.create(**request)
    completion = answer.parse()
    return {
        "content": completion.choices[0].message.content,
        "finish": completion.choices[0].finish_reason,
        "total": completion.usage.total_tokens,
        "workflow": answer.headers["x-workflow-id"],
        "joined": answer.headers.get("x-workflow-joined"),
    }


def stream(client, request):
    content, reasoning, total = "", "", None
    options = {"include_usage": True}
    for chunk in client.chat.completions.create(**request, stream=True, stream_options=options):
        if chunk.usage:
            total = chunk.usage.total_tokens
        for choice in chunk.choices:
            content += choice.delta.content or ""
            reasoning += getattr(choice.delta, "reasoning_content", None) or ""
    return {"content": content, "reasoning": reasoning, "total": total}


def parse(client, request):
    completion = client.chat.completions.parse(**request, response_format=Rivers)
    return {"rivers": completion.choices[0].message.parsed.rivers}


def models(client, request):
    return {"models": [model.id for model in client.models.list()]}


def done(job):
    client = openai.OpenAI(
        base_url=asked["url"],
        api_key=job.get("token", asked["token"]),
        timeout=job.get("timeout", 60),
        http_client=openai.DefaultHttpxClient(event_hooks={"request": [sent]}),
    )
    request = {
        "model": job.get("model", "orchestrator"),
        "messages": [{"role": "user", "content": job.get("prompt", "Hi.")}],
    }
    try:
        return globals()[job["do"]](client, request)
    except openai.APIStatusError as error:
        return {"status": error.status_code, "code": error.code, "error": str(error)}
    except openai.APIError as error:
        return {"code": error.code, "error": f"{error.message} {error.__cause__!r}"}


for job in asked["jobs"]:
    tell(done(job))
