// A workflow told as the events of a response: from the journal's events and the reader's text, without any I/O. The
// same journal gives the same numbers (numbers.js), whenever it is read, so that a client resumes anywhere.
//
// What a response shows, in this order: one reasoning item, whose summary is what happens, in words; then one message.
//
// - Words end where text may begin. That is decided by the journal alone: where the first call that writes the answer
//   starts or, with a review, where the review is over. So no words ever come between two pieces of text, and the
//   number of a piece of text tells all that its client has.
// - Text has the number of the mark: the last event of the journal that had words or started a call that writes. It
//   names the call that the text is of. Where that call is lost, a client that resumes after its text has text that
//   will not stand, and is told so.
// - JSON (`text.format`) is told as a whole, and the end comes with the last event of the journal.

import { answerOf } from "../openai-common/follow.js";
import { Bound } from "../openai-common/length.js";
import { PROGRESS_TYPES, Progress } from "../openai-common/progress.js";
import { piecesOf, SettledText, StreamRestarted } from "../openai-common/settled.js";
import { ofSlot, ofText, read, SLOT } from "./numbers.js";
import {
  endStatusOf,
  messageId,
  messageOf,
  Resource,
  reasoningId,
  reasoningOf,
  summaryOf,
  textPartOf,
} from "./resource.js";

/**
 * The events that a narration is made of, beside the ends.
 *
 * @type {import("../../../client/index.js").EventType[]}
 */
export const TYPES = ["answer", "workflow_queued", "workflow_started", "answer_reviewed", ...PROGRESS_TYPES];

const ENDS = ["workflow_completed", "workflow_errored", "workflow_terminated"];

/** An editor's script that corrects a part after the answer has begun: settled text may have changed. */
const LATE_EDIT = /@(?:answer|include)\b[\s\S]*\n\W*@(?:edit|insert|section)\b/;

export class Narration {
  #after;
  /** What the client has: the number after which it resumes, read. */
  #has;
  #progress = new Progress();
  #text = new SettledText();
  /** As much of it as `max_output_tokens` lets through. */
  #shown = "";
  /** @type {Bound | null} */
  #bound = null;
  #words = "";
  /** @type {Resource | null} */
  #resource = null;
  #mark = 0;
  /** Text may have begun. */
  #isQuiet = false;
  #isReviewed = false;
  #hasReasoning = false;
  #hasMessage = false;
  /** The end of the last run, and that before it where the workflow was restarted. */
  #end = null;
  /** The call that wrote the text that a client has which resumes; `isDone`: its text is in the journal. */
  #writer = null;
  #script = "";
  /** UTF-16 units of text in the journal, of a call that is continued. */
  #kept = 0;
  #isFirstText = true;
  /** The number of the last event. */
  last;
  /** The whole response, once it was finished. */
  response = null;

  /**
   * @param {string} id of the workflow
   * @param {{ after?: number }} [options] the number after which the client resumes; without it, from the beginning
   */
  constructor(id, { after = -1 } = {}) {
    this.id = id;
    this.#after = after;
    this.#has = after < 0 ? { seq: 0, slot: null, units: 0 } : read(after);
    this.last = after;
  }

  /**
   * What an event of the journal, or an `answer`, is for the client: events of a response, often none. Throws
   * StreamRestarted where the client has text that will not stand.
   */
  take(event) {
    return this.#new([...this.#of(event)]);
  }

  /**
   * The end, once the journal has ended, of its STATUS.
   *
   * @param {any} status
   */
  finish(status) {
    // A number that this life of the workflow does not have is of an earlier one.
    if (this.#end === null || this.#has.seq > this.#end.seq) throw new StreamRestarted();
    return this.#new([...this.#closing(status)]);
  }

  /** The response as it is, for a workflow that runs. Needs `workflow_queued`. */
  now(status) {
    return this.#resource.running(status.status === "queued");
  }

  #new(events) {
    const fresh = events.filter(({ sequence_number }) => sequence_number > this.#after);
    this.last = fresh.at(-1)?.sequence_number ?? this.last;
    return fresh;
  }

  *#of(event) {
    const { type, seq } = event;
    if (type === "answer") return yield* this.#answer(event);
    this.#check(event);
    if (ENDS.includes(type)) {
      this.#end = event;
      return;
    }
    if (type === "workflow_queued") return yield* this.#queued(event);
    if (type === "workflow_started" && !this.#hasReasoning) return yield* this.#started(seq);
    if (type === "workflow_restarted") {
      this.#end = null;
      this.#isQuiet = false;
    }
    yield* this.#say(seq, this.#progress.words(event));
    const starts = type === "attempt_started" && writes(event.step);
    if (starts) this.#mark = seq;
    // What no client sees before the end needs no such rule.
    if (starts && !this.#isReviewed && !this.#resource.isJson) this.#isQuiet = true;
    if (type === "answer_reviewed" || (event.step?.startsWith("review/") && type.startsWith("step_"))) {
      this.#mark = seq;
      this.#isQuiet = true;
    }
  }

  *#queued({ seq, at, spec }) {
    this.#resource = new Resource(this.id, spec, at);
    this.#isReviewed = spec.options.review === "once";
    this.#bound = new Bound(this.#resource.maxTokens);
    const isQueued = this.#resource.background;
    const response = this.#resource.running(isQueued);
    yield told("created", ofSlot(seq, SLOT.CREATED), { response });
    if (isQueued) yield told("queued", ofSlot(seq, SLOT.QUEUED), { response });
  }

  *#started(seq) {
    this.#hasReasoning = true;
    const item = reasoningOf(this.id, null, "in_progress");
    yield told("in_progress", ofSlot(seq, SLOT.IN_PROGRESS), { response: this.#resource.running(false) });
    yield told("output_item.added", ofSlot(seq, SLOT.REASONING), { output_index: 0, item });
    yield this.#ofSummary("part.added", seq, SLOT.SUMMARY, { part: summaryOf("") });
  }

  *#say(seq, words) {
    if (words === null || this.#isQuiet || this.#shown !== "" || !this.#hasReasoning) return;
    this.#words += words;
    this.#mark = seq;
    yield this.#ofSummary("text.delta", seq, SLOT.WORDS, { delta: words });
  }

  *#answer(event) {
    if (this.#resource.isJson) return;
    const news = this.#text.take(event);
    // A call that goes on has at least the text that the client has of it, unless the editor has corrected it.
    const isLess = this.#text.sent.length < this.#has.units && this.#writer !== null && !this.#writer.isDone;
    if (this.#isFirstText && isLess) throw new StreamRestarted();
    this.#isFirstText = false;
    yield* this.#give(news);
  }

  /** More of the text. */
  *#give(news) {
    for (const piece of piecesOf(this.#bound.take(news))) {
      yield* this.#opened(this.#mark);
      const from = Math.max(this.#shown.length, this.#has.units);
      this.#shown += piece;
      const number = ofText(this.#mark, this.#shown.length);
      if (this.#shown.length > from) yield this.#ofText("delta", number, { delta: this.#shown.slice(from) });
    }
  }

  /** The message begins, unless the client has it from a call that was lost before its first word. */
  *#opened(seq) {
    if (this.#hasMessage) return;
    this.#hasMessage = true;
    const { slot, units } = this.#has;
    const hasPart = slot === SLOT.PART || units > 0;
    const item = messageOf(this.id, null, "in_progress");
    if (!hasPart && slot !== SLOT.MESSAGE) yield this.#ofItem("added", seq, SLOT.MESSAGE, item);
    if (!hasPart) yield this.#ofPart("added", seq, SLOT.PART, textPartOf(""));
  }

  *#closing(status) {
    const { seq } = this.#end;
    const end = endStatusOf(status);
    const isAnswered = end.state === "completed" || end.state === "incomplete";
    const whole = isAnswered ? answerOf(status) : "";
    if (isAnswered) yield* this.#give(this.#resource.isJson ? whole : this.#text.finish(whole));
    if (isAnswered && this.#has.seq < seq && this.#has.units > this.#shown.length) throw new StreamRestarted();

    if (this.#hasReasoning) yield* this.#reasoned(seq);
    /** @type {any[]} */
    const output = this.#hasReasoning ? [reasoningOf(this.id, this.#words, "completed")] : [];

    if (isAnswered) yield* this.#opened(seq);
    const { state, incomplete } = this.#bound.isReached && isAnswered ? CUT : end;
    // Where the run failed in mid answer, only who has read it from its beginning has this text.
    if (this.#hasMessage && (isAnswered || this.#has.units === 0)) {
      const message = messageOf(this.id, this.#shown, state === "completed" ? "completed" : "incomplete");
      yield* this.#written(seq, message);
      output.push(message);
    }
    const response = this.#resource.ended(status, { state, reason: incomplete, output });
    this.response = response;
    yield told(terminalOf(response.status), ofSlot(seq, SLOT.TERMINAL), { response });
  }

  *#reasoned(seq) {
    const text = this.#words;
    const item = reasoningOf(this.id, text, "completed");
    yield this.#ofSummary("text.done", seq, SLOT.SUMMARY_TEXT_DONE, { text });
    yield this.#ofSummary("part.done", seq, SLOT.SUMMARY_DONE, { part: summaryOf(text) });
    yield told("output_item.done", ofSlot(seq, SLOT.REASONING_DONE), { output_index: 0, item });
  }

  *#written(seq, message) {
    const [part] = message.content;
    yield this.#ofText("done", ofSlot(seq, SLOT.TEXT_DONE), { text: part.text });
    yield this.#ofPart("done", seq, SLOT.PART_DONE, part);
    yield this.#ofItem("done", seq, SLOT.MESSAGE_DONE, message);
  }

  /** Whether what the client has stands, as far as the journal tells. Who reads on is told by SettledText. */
  #check(event) {
    const { seq, units } = this.#has;
    const { type, step } = event;
    if (type === "workflow_restarted") {
      if (seq < event.seq && (units > 0 || this.#end?.seq === seq)) throw new StreamRestarted();
      this.#kept = 0;
      this.#script = "";
    }
    if (type === "attempt_started" && event.seq === seq && units > 0) this.#writer = { ...event, isDone: false };
    if (this.#writer !== null && isSame(event, this.#writer)) {
      // A text that was continued is in the journal up to there.
      const isLost = type === "attempt_lost" || type === "attempt_errored";
      if (isLost && units > this.#kept) throw new StreamRestarted();
      if (isLost || type === "attempt_completed") this.#writer.isDone = true;
    }
    if (type !== "attempt_completed" || !writes(step)) return;
    if (step === "synthesis") this.#kept += event.text.length;
    else this.#script += event.text;
    if (this.#writer?.step.startsWith("edit/") && LATE_EDIT.test(this.#script)) throw new StreamRestarted();
  }

  #ofSummary(what, seq, slot, fields) {
    const place = { item_id: reasoningId(this.id), output_index: 0, summary_index: 0 };
    return told(`reasoning_summary_${what}`, ofSlot(seq, slot), { ...place, ...fields });
  }

  #ofItem(what, seq, slot, item) {
    return told(`output_item.${what}`, ofSlot(seq, slot), { output_index: this.#messageIndex, item });
  }

  #ofPart(what, seq, slot, part) {
    return told(`content_part.${what}`, ofSlot(seq, slot), { ...this.#content, part });
  }

  #ofText(what, number, fields) {
    return told(`output_text.${what}`, number, { ...this.#content, ...fields, logprobs: [] });
  }

  get #content() {
    return { item_id: messageId(this.id), output_index: this.#messageIndex, content_index: 0 };
  }

  get #messageIndex() {
    return this.#hasReasoning ? 1 : 0;
  }
}

const told = (type, sequence_number, fields) => ({ type: `response.${type}`, sequence_number, ...fields });

const CUT = { state: "incomplete", incomplete: "max_output_tokens" };

/** Whether a step writes the answer. */
const writes = (step) => step === "synthesis" || step.startsWith("edit/");

const isSame = (event, attempt) =>
  event.step === attempt.step && event.run === attempt.run && event.number === attempt.number;

/** Nobody has defined an event for `cancelled`. It is no success, so it comes as a failure. */
const terminalOf = (status) => (status === "cancelled" ? "failed" : status);
