// Runs before a program of a model: takes away the network where Node's permissions don't (before Node 25), and signals
// to other processes. It stands in the way of code that connects somewhere out of habit. It is no wall against code that
// wants to.

const net = require("node:net");
const dgram = require("node:dgram");
const dns = require("node:dns");

/** @returns {any} */
function refuse() {
  throw Object.assign(new Error("the network and other processes are out of reach here"), {
    code: "ERR_ACCESS_DENIED",
  });
}

for (const name of ["fetch", "WebSocket", "EventSource"]) delete globalThis[name];
// http, https, tls and http2 all connect through this one.
net.Socket.prototype.connect = refuse;
net.Server.prototype.listen = refuse;
dgram.createSocket = refuse;
for (const api of [dns, dns.promises])
  for (const name of Object.keys(api)) if (/^(lookup|resolve|reverse)/.test(name)) api[name] = refuse;
process.kill = refuse;
