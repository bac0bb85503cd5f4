// `serve`: production on one machine. workerd, the runtime of Cloudflare itself, with a configuration that is made
// here, objects on a local disk, and a supervisor.

import { randomBytes } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { typedWith } from "../lib/command.mjs";
import { demoWords, providersOf } from "../lib/models.mjs";
import { isMeasured, measure, ollamaHint, speedWords } from "../lib/ollama.mjs";
import { inRoot } from "../lib/paths.mjs";
import { say } from "../lib/say.mjs";
import { holderOf, whyNot } from "../start/port.mjs";
import { mendAlarms } from "./alarms.mjs";
import { problemAt, settings } from "./check.mjs";
import { configuration, modulesIn } from "./config.mjs";
import { DataFolder } from "./data.mjs";
import { sweep } from "./databases.mjs";
import { BusyProblem, ConfigurationProblem } from "./exit.mjs";
import { bucketProblem, configurationOf, membership } from "./fleet.mjs";
import { greetingOf } from "./greeting.mjs";
import { log } from "./logs.mjs";
import { help, readOptions } from "./options.mjs";
import { endOrphans } from "./orphans.mjs";
import { Supervisor } from "./supervisor.mjs";
import { asServed, clusterSecrets, variablesFor } from "./variables.mjs";
import { workerd } from "./workerd.mjs";

const SIGNALS = /** @type {const} */ (["SIGTERM", "SIGINT", "SIGHUP"]);
/** Variables of workerd itself: whom it trusts, beside the authorities of browsers. */
const OWN = ["SSL_CERT_FILE", "SSL_CERT_DIR"];
/** The longest path of a Unix socket. */
const SOCKET_PATH_MAX = 100;
/** Of a fleet: workerd ends by itself within the time of grace, and is killed where it does not. */
const STOP_MARGIN_MS = 5_000;
/** A start does not wait for longer until empty files are deleted. */
const SWEEP_MS_MAX = 2_000;
/** Of the time of grace: what workerd needs to end once all is answered. */
const END_MS = 2_000;
/** A node that was killed keeps its objects for the 20 seconds of its lease, and a takeover takes a few more. */
const JOIN_MS_MAX = 60_000;

/**
 * Serves until it is asked to end, and resolves to the exit status. `prepare()` makes sure that the Worker and the
 * console are built, and resolves to the folder of the bundle.
 */
export async function serve(args, prepare) {
  const options = readOptions(args);
  if (options !== null) return served({ ...options, command: typedWith("serve", args) }, prepare);
  process.stdout.write(help());
  return 0;
}

async function served({ data: folder, host, port, envFile, graceMs, cluster, command }, prepare) {
  const signals = onSignals();
  const own = Object.fromEntries(OWN.filter((name) => process.env[name]).map((name) => [name, process.env[name]]));
  const { version } = JSON.parse(readFileSync(inRoot("package.json"), "utf8"));
  const given = variablesFor(envFile);
  const variables = asServed(given);
  const { key, ofBucket } = cluster ? clusterSecrets(envFile) : { key: "", ofBucket: {} };
  if (cluster && !variables.API_TOKENS)
    throw new ConfigurationProblem("--cluster needs API_TOKENS, the same for all nodes");
  if (!variables.API_TOKENS) assertOwn(host);
  const bundle = await prepare();
  const data = new DataFolder(folder);
  data.open(cluster?.bucket);
  data.take();
  const measuring = new AbortController();
  try {
    data.fill(version, cluster?.bucket);
    const access = accessFor(variables, data);
    variables.API_TOKENS = access.tokens;
    // Each costs two writes to the bucket. A client that waits makes a workflow go on anyway.
    if (cluster) variables.HEARTBEAT_MS ||= "30000";
    const clusterConfig = cluster && {
      bucket: cluster.bucket,
      key,
      stopTimeoutMs: graceMs,
      timeDivisor: timeDivisor(),
    };
    const config = await prepareRun(data, bundle, Object.keys(variables), clusterConfig);
    await assertFree(host, port, cluster);
    let problem = null;
    const greetOnce = once(async (port) => {
      await greet({ host, port, data, access, given, version, cluster, command });
      if (isMeasured(variables)) await tellSpeed(variables, measuring.signal);
    });
    const begun = (port) =>
      assertConfigured(host, port)
        .then(() => greetOnce(port))
        .catch(fail);
    const killMs = graceMs + (cluster ? STOP_MARGIN_MS : 0);
    const fail = (error) => {
      // What fails while it ends is no second wish to end.
      if (supervisor.isEnding) return log("warn", "serve_failed", { message: error.message });
      problem = error;
      supervisor.end(killMs, error.exitStatus ?? 1);
    };
    const supervisor = new Supervisor({
      port,
      // A node of a fleet hands its objects over meanwhile, and workerd keeps to the time of grace by itself.
      answersMs: cluster ? 0 : Math.max(0, graceMs - END_MS),
      command: (port) => [
        workerd(),
        "serve",
        "--experimental",
        config,
        "config",
        `--socket-addr=http=${address(host, port)}`,
        "--control-fd=3",
        ...(cluster ? [`--cluster-addr=${cluster.address}`] : []),
        ...(cluster?.advertise ? [`--cluster-advertise=${cluster.advertise}`] : []),
      ],
      env: { ...variables, ...own, ...ofBucket },
      control: controlSocket(data),
      lookMs: testLookMs(),
      ...(cluster ? { problem: (words) => bucketProblem(cluster.bucket, words) } : {}),
      onReady: cluster
        ? membership({
            known: data.memberOf(),
            remember: (configuration) => data.rememberMember(configuration),
            cluster: { ...cluster, joinMsMax: JOIN_MS_MAX / timeDivisor() },
            configuration: configurationOf({ variables, version, key }),
            ask: (...asked) => supervisor.ask(...asked),
            joined: begun,
            fail,
          })
        : ({ port }) => begun(port),
    });
    signals.end = () => void supervisor.end(killMs);
    const status = await supervisor.run().catch(async (error) => {
      // Two starts in the same moment both find the port free, and workerd does not say who was faster.
      problem = await assertFree(host, port, cluster).then(
        () => error,
        (taken) => taken,
      );
      return problem.exitStatus ?? 1;
    });
    log(status === 0 ? "info" : "error", "serve_ended", { exit_status: status });
    if (problem) throw problem;
    return status;
  } finally {
    measuring.abort();
    data.release();
  }
}

/**
 * Handlers from the first moment on, because process 1 of a container gets no signal that it has none for. `end()` is
 * what they call: before there is anything to end, the process ends.
 */
function onSignals() {
  const signals = { end: () => void process.exit(0) };
  for (const signal of SIGNALS) process.on(signal, () => signals.end());
  return signals;
}

/** Where this machine reaches it. */
const urlOf = (host, port) => `http://${address({ "0.0.0.0": "127.0.0.1", "::": "::1" }[host] ?? host, port)}`;

/** The Worker answers nothing but this where a variable is wrong, and no later start would be better. */
async function assertConfigured(host, port) {
  // One that ended just now is started again, and says nothing of its configuration.
  const problem = await problemAt(urlOf(host, port));
  if (problem !== null) throw new ConfigurationProblem(problem.detail);
}

/** For tests (tests/e2e/fleet.test.mjs): by what workerd divides the times of a lease. */
const timeDivisor = () => Number(process.env.ORCHESTRATOR_TEST_TIME_DIVISOR ?? 1);

/** For tests (tests/e2e/serve.test.mjs): how often the supervisor looks at workerd. */
const testLookMs = () =>
  process.env.ORCHESTRATOR_TEST_LOOK_MS ? Number(process.env.ORCHESTRATOR_TEST_LOOK_MS) : undefined;

/** Without tokens that are given it serves this machine alone. */
function assertOwn(host) {
  if (isLoopback(host)) return;
  throw new ConfigurationProblem(
    `--host ${host} is open to others, and there are no tokens: set API_TOKENS="me:$(openssl rand -hex 32)", and ` +
      "keep it",
  );
}

/** Who may ask: the tokens that are given, or one of the folder's own. */
function accessFor(variables, data) {
  if (variables.API_TOKENS) return { tokens: variables.API_TOKENS, token: null, isNew: false };
  const { pair, token, isNew } = data.ownToken();
  return { tokens: pair, token, isNew };
}

const isLoopback = (host) => host === "localhost" || host === "::1" || (net.isIPv4(host) && host.startsWith("127."));

const address = (host, port) => (net.isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`);

/** What workerd reads, made anew in the folder: a package may be gone while it runs. Resolves to the configuration. */
async function prepareRun(data, bundle, variables, cluster) {
  await endOrphans(data.run);
  // A node's files are workerd's copy of the bucket.
  const alarms = cluster ? 0 : mendAlarms(data.objects);
  if (alarms > 0) log("warn", "alarms_made", { alarms });
  const { deleted, left } = cluster ? { deleted: 0, left: false } : sweep(data.objects, SWEEP_MS_MAX);
  if (deleted > 0) log("info", "swept", { files: deleted, ...(left ? { left: "for the next start" } : {}) });
  rmSync(data.run, { recursive: true, force: true });
  mkdirSync(data.run, { mode: 0o700 });
  // Its name tells this folder's processes from those of others in the process list.
  const config = data.in("run", `workerd-${randomBytes(8).toString("hex")}.capnp`);
  const modules = modulesIn(bundle);
  for (const name of modules) copyFileSync(path.join(bundle, name), path.join(data.run, name));
  const text = configuration({
    modules,
    variables,
    settings: settings(),
    console: inRoot("build/console"),
    objects: data.objects,
    control: controlSocket(data),
    cluster,
  });
  writeFileSync(config, text, { mode: 0o600 });
  return config;
}

function controlSocket(data) {
  const socket = data.in("run", "control.sock");
  if (Buffer.byteLength(socket) <= SOCKET_PATH_MAX) return socket;
  throw new ConfigurationProblem(`the path ${data.folder} is too long for a socket in it: give --data a shorter one`);
}

/** workerd would try again and again, and not say who has the port. */
async function assertFree(host, port, cluster) {
  await assertListens(host, port, "--port");
  if (!cluster) return;
  const [, other, itsPort] = /^\[?(.*?)\]?:(\d+)$/.exec(cluster.address);
  await assertListens(other, Number(itsPort), "--cluster-address");
}

async function assertListens(host, port, option) {
  // Also of port 0, because workerd would try again and again where there is no such host.
  const error = await whyNot(port, host);
  if (!error) return;
  if (error.code !== "EADDRINUSE")
    throw new ConfigurationProblem(
      `can't listen on ${address(host, port)} (${error.message}): choose ${option === "--port" ? "--host and " : ""}` +
        option,
    );
  const holder = await holderOf(port);
  const by = holder ? ` by process ${holder.process.pid}` : "";
  throw new BusyProblem(`port ${port} is in use${by}: end it, or choose another ${option}`);
}

/** The first call counts, and its result is that of all. */
function once(call) {
  let result = null;
  return (...args) => (result ??= Promise.resolve(call(...args)));
}

/** Before anybody waits for an answer. It is no fault of ours where it can't be known. */
async function tellSpeed(variables, signal) {
  try {
    const speed = await measure(variables, signal);
    const [writes, reads] = [speed.writes, speed.reads].map((tokens) => Number(tokens.toFixed(1)));
    log("info", "model_speed", { model: speed.model, tokens_per_second: writes, prompt_tokens_per_second: reads });
    say(`${speedWords(speed)}.\n`);
  } catch (error) {
    const message = error.cause?.code ?? error.message;
    if (!signal.aborted) log("info", "model_speed", { message: `not measured: ${message}` });
  }
}

/** For a person: on the standard error, because the standard output is the log. */
async function greet({ host, port, data, access: { token, isNew }, given, version, cluster, command }) {
  // For the health check of the image.
  writeFileSync(data.in("run", "url"), urlOf(host, port));
  log("info", "serve_ready", {
    version,
    host,
    port,
    data: data.folder,
    provider: providersOf(given).join(", "),
    ...(cluster ? { cluster: cluster.bucket } : {}),
  });
  const greeting = greetingOf({
    url: `http://${address(["0.0.0.0", "::"].includes(host) ? "localhost" : host, port)}`,
    folder: cluster?.bucket ?? data.folder,
    tokenFile: token === null ? null : data.in("token"),
    isNew,
    // What is no terminal may be a log that others read.
    token: process.stderr.isTTY ? token : null,
    demo: demoWords(given),
    hint: await ollamaHint(command, given),
  });
  say(greeting);
  if (cluster) say("Fleets are experimental, as workerd's clusters are.\n");
}
