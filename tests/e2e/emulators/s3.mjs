// A stand-in for an S3 server, with what workerd's cluster asks of one: conditional writes, ETags and lists (V2).
// Signatures are not checked. It counts what it is asked, and misbehaves where a test wants that.

import { createHash } from "node:crypto";
import { once } from "node:events";
import http from "node:http";
import { gunzipSync } from "node:zlib";

const PAGE_MAX = 1_000;

/**
 * Starts one. `objects`: what it holds, by bucket and key. `requests`: what it
 * was asked, as `{ kind, key }`, where LIST is a kind of its own.
 * `fault`: null, `refuse` (the connection is closed), `hang`, `503`, or `lose` (the next conditional write is done, and
 * its answer lost, once).
 */
export async function startS3() {
  const s3 = new S3();
  const server = http.createServer((request, response) => s3.answer(request, response));
  server.on("connection", (socket) => s3.fault === "refuse" && socket.destroy());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = /** @type {import("node:net").AddressInfo} */ (server.address());
  s3.url = `http://127.0.0.1:${address.port}`;
  s3.close = () => {
    server.closeAllConnections();
    server.close();
  };
  return s3;
}

class S3 {
  /** @type {Map<string, { body: Buffer, etag: string, at: Date }>} */
  objects = new Map();
  fault = null;
  lost = 0;
  url = "";
  close = () => {};
  /** @type {{ kind: string, key: string }[]} */
  requests = [];
  #hanging = [];

  /** From now on as it should be; what hung goes on. */
  mend() {
    this.fault = null;
    for (const go of this.#hanging.splice(0)) go();
  }

  /** The keys of the objects in which a text stands, plain or within gzip. */
  holding(text) {
    return [...this.objects].filter(([, { body }]) => plainOf(body).includes(text)).map(([key]) => key);
  }

  async answer(request, response) {
    const body = Buffer.concat(await request.toArray());
    if (this.fault === "refuse") return request.socket.destroy();
    if (this.fault === "hang") await new Promise((resolve) => this.#hanging.push(resolve));
    if (this.fault === "503") return error(response, 503, "SlowDown");
    const url = new URL(request.url, "http://s3");
    const key = decodeURIComponent(url.pathname.slice(1));
    const isList = request.method === "GET" && url.searchParams.has("list-type");
    const kind = isList ? "LIST" : request.method;
    this.requests.push({ kind, key: isList ? (url.searchParams.get("prefix") ?? "") : key });
    if (isList) return this.#list(key.split("/")[0], url.searchParams, response);
    if (kind === "PUT") return this.#put(key, body, request, response);
    if (kind === "DELETE") {
      this.objects.delete(key);
      return response.writeHead(204).end();
    }
    if (kind === "GET" || kind === "HEAD") return this.#get(key, request, response);
    return error(response, 501, "NotImplemented");
  }

  #put(key, body, { headers, socket }, response) {
    const there = this.objects.get(key);
    const { "if-match": ifMatch, "if-none-match": ifNoneMatch } = headers;
    if (ifNoneMatch !== undefined && there) return error(response, 412, "PreconditionFailed");
    if (ifMatch !== undefined && !there) return error(response, 404, "NoSuchKey");
    if (ifMatch !== undefined && ifMatch !== there.etag) return error(response, 412, "PreconditionFailed");
    const etag = `"${createHash("md5").update(body).update(String(Math.random())).digest("hex")}"`;
    this.objects.set(key, { body, etag, at: new Date() });
    if (this.fault === "lose" && (ifMatch ?? ifNoneMatch) !== undefined) {
      this.fault = null;
      this.lost++;
      return socket.destroy();
    }
    return response.writeHead(200, { etag }).end();
  }

  #get(key, { headers, method }, response) {
    const there = this.objects.get(key);
    if (!there) return error(response, 404, "NoSuchKey");
    const { body, etag, at } = there;
    const fields = { etag, "last-modified": at.toUTCString(), "content-type": "application/octet-stream" };
    if (headers["if-none-match"] === etag) return response.writeHead(304, fields).end();
    if (headers["if-match"] !== undefined && headers["if-match"] !== etag)
      return error(response, 412, "PreconditionFailed");
    const range = /^bytes=(\d*)-(\d*)$/.exec(headers.range ?? "");
    if (!range) {
      response.writeHead(200, { ...fields, "content-length": body.length });
      return response.end(method === "HEAD" ? undefined : body);
    }
    const first = range[1] === "" ? Math.max(0, body.length - Number(range[2])) : Number(range[1]);
    const last = range[1] === "" || range[2] === "" ? body.length - 1 : Math.min(Number(range[2]), body.length - 1);
    if (first > last) return error(response, 416, "InvalidRange");
    const part = body.subarray(first, last + 1);
    const content = { "content-range": `bytes ${first}-${last}/${body.length}`, "content-length": part.length };
    response.writeHead(206, { ...fields, ...content });
    return response.end(method === "HEAD" ? undefined : part);
  }

  #list(bucket, query, response) {
    const [prefix, delimiter] = [query.get("prefix") ?? "", query.get("delimiter") ?? ""];
    const after = query.get("continuation-token") ?? query.get("start-after") ?? "";
    const max = Math.min(Number(query.get("max-keys") ?? PAGE_MAX), PAGE_MAX);
    const all = [...this.objects]
      .map(([path, object]) => ({ key: path.slice(bucket.length + 1), path, ...object }))
      .filter(({ key, path }) => path.startsWith(`${bucket}/`) && key.startsWith(prefix))
      .sort((one, other) => (one.key < other.key ? -1 : 1));
    const entries = new Map();
    for (const { key, body, etag, at } of all) {
      const end = delimiter ? key.indexOf(delimiter, prefix.length) : -1;
      const name = end < 0 ? key : key.slice(0, end + delimiter.length);
      if (name <= after) continue;
      const contents =
        `<Contents><Key>${xml(key)}</Key><LastModified>${at.toISOString()}</LastModified>` +
        `<ETag>${xml(etag)}</ETag><Size>${body.length}</Size></Contents>`;
      entries.set(name, end < 0 ? contents : `<CommonPrefixes><Prefix>${xml(name)}</Prefix></CommonPrefixes>`);
    }
    const page = [...entries].slice(0, max);
    const isTruncated = entries.size > max;
    const token = isTruncated ? `<NextContinuationToken>${xml(page.at(-1)[0])}</NextContinuationToken>` : "";
    response.writeHead(200, { "content-type": "application/xml" });
    response.end(
      `<?xml version="1.0" encoding="UTF-8"?><ListBucketResult><Name>${xml(bucket)}</Name>` +
        `<Prefix>${xml(prefix)}</Prefix><KeyCount>${page.length}</KeyCount><MaxKeys>${max}</MaxKeys>` +
        `<IsTruncated>${isTruncated}</IsTruncated>${token}` +
        `${page.map(([, entry]) => entry).join("")}</ListBucketResult>`,
    );
  }
}

function error(response, status, code) {
  response.writeHead(status, { "content-type": "application/xml" });
  response.end(`<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`);
}

const xml = (text) => text.replace(/[<>&"]/g, (character) => `&#${character.charCodeAt(0)};`);

/** What stands in an object, also in parts of it that are gzipped. */
function plainOf(body) {
  const parts = [body.toString("latin1")];
  for (let at = body.indexOf("1f8b08", 0, "hex"); at >= 0; at = body.indexOf("1f8b08", at + 1, "hex")) {
    try {
      parts.push(gunzipSync(body.subarray(at)).toString("latin1"));
    } catch {
      // The three bytes mean something else here.
    }
  }
  return parts.join("\n");
}
