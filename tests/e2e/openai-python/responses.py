# Asks the Worker for responses as OpenAI's library for Python does. The arguments are url, token and a prompt that is
# answered in one call, and with JSON where that is asked for. Prints what came of it as JSON.

import json
import sys
import time

import openai
from pydantic import BaseModel


class Rivers(BaseModel):
    rivers: list[str]


url, token, prompt = sys.argv[1:]
client = openai.OpenAI(base_url=url, api_key=token)
request = {"model": "orchestrator-direct", "input": prompt}
told = {}

whole = client.responses.create(**request)
told["whole"] = [whole.status, whole.output_text]

polled = client.responses.create(**request, background=True)
while polled.status in ("queued", "in_progress"):
    time.sleep(0.1)
    polled = client.responses.retrieve(polled.id)
told["polled"] = [polled.status, polled.output_text]

with client.responses.stream(**request) as stream:
    events = list(stream)
    final = stream.get_final_response()
told["stream"] = [events[0].type, final.status, final.output_text]

number = events[3].sequence_number
rest = list(client.responses.retrieve(final.id, stream=True, starting_after=number))
told["rest"] = [all(event.sequence_number > number for event in rest), rest[-1].type]
told["items"] = [item.role for item in client.responses.input_items.list(final.id)]
told["parsed"] = client.responses.parse(**request, text_format=Rivers).output_parsed.rivers
told["cancelled"] = client.responses.cancel(final.id).status
client.responses.delete(final.id)
try:
    client.responses.retrieve(final.id)
except openai.NotFoundError as error:
    told["deleted"] = error.code
try:
    client.with_options(api_key="token-of-nobody-0123456789").responses.create(**request)
except openai.AuthenticationError as error:
    told["stranger"] = error.code

print(json.dumps(told))
