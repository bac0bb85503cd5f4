"""Python's MCP SDK against /mcp: client.py URL TOKEN MODE PROMPT. Prints what it saw as one line of JSON."""

import asyncio
import json
import sys

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client


async def main(url: str, token: str, mode: str, prompt: str) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    progress: list[str | None] = []

    async def tell(_progress: float, _total: float | None, message: str | None) -> None:
        progress.append(message)

    async with httpx2.AsyncClient(headers=headers, timeout=60) as http:
        async with Client(streamable_http_client(url, http_client=http), mode=mode) as client:
            tools = [tool.name for tool in (await client.list_tools()).tools]
            started = await client.call_tool("start_workflow", {"prompt": prompt, "mode": "direct"})
            workflow = started.structured_content["id"]
            ended = await client.call_tool("get_workflow", {"id": workflow}, progress_callback=tell)
            answer = ended.structured_content["answer"]
            whole = (await client.read_resource(answer["uri"])).contents[0].text
            rest = await client.read_resource(f"{answer['uri']}?start={answer['end']}")
            wrong = await client.call_tool("get_workflow", {"id": "nobody"})
            seen = {
                "version": client.protocol_version,
                "tools": tools,
                "status": ended.structured_content["status"],
                "progress": progress,
                "whole": whole,
                "joined": answer["text"] + rest.contents[0].text,
                "end_in_python": len(answer["text"]) == answer["end"],
                "wrong": [wrong.is_error, wrong.content[0].text],
            }
    print(json.dumps(seen))


asyncio.run(main(*sys.argv[1:]))
