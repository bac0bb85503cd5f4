// Written by `npm run openapi` from src/api/openapi.json.

export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description The body of `GET /v1/access`. */
        AccessView: {
            /** @description The name of the token, or `default` where none is needed. */
            tenant: string;
        };
        /**
         * @description How the reader's text goes on: the answer as far as it is known. With each connection it begins at 0. The last one
         *     before `workflow_completed` leaves exactly the final answer. Live only: it has no id.
         * @example {
         *       "from": 0,
         *       "settled": 40,
         *       "text": "## SQLite or PostgreSQL\n\nFor a small sho"
         *     }
         */
        AnswerText: {
            /**
             * Format: uint
             * @description Characters (Unicode scalar values) before it: truncate what you have to this length, then append. The text is
             *     cut back where an edit changes it, and where an attempt dies and is repeated.
             */
            from: number;
            /**
             * @description Present and true where the text is longer than what is kept of it: it ends here, and the whole is the workflow's
             *     output.
             */
            last?: boolean;
            /**
             * Format: uint
             * @description So many characters from the beginning are expected to stay as they are. They change only where an attempt dies
             *     and is repeated, or where the editor corrects a part after it has included it; then this number falls.
             */
            settled: number;
            text: string;
        };
        /** @description How long the answer is. */
        AnswerView: {
            /**
             * Format: uint32
             * @description What the request allows, or else what the plan says.
             */
            limit: number | null;
            /** @description A review has changed the text. The step `synthesis` has it as it was before. */
            reviewed: boolean;
            /**
             * Format: uint
             * @description Words of prose: code and tables don't count.
             */
            words: number;
        };
        /**
         * @description Whether a person approves each plan before it runs.
         * @enum {string}
         */
        Approval: "none" | "plan";
        /** @description The plan as it is (`{}` or no body), or an edited one: what is absent stays as proposed. A bare list is `tasks`. */
        Approve: {
            borders?: components["schemas"]["OwnBorder"][] | null;
            criteria?: string[] | null;
            form?: components["schemas"]["Form"] | null;
            /**
             * Format: uint32
             * @description Words of the whole answer.
             */
            length?: number | null;
            shared?: string | null;
            /** @description In place of all that were proposed. */
            tasks?: components["schemas"]["TaskDraft"][] | null;
        } | components["schemas"]["TaskDraft"][];
        /** @description What a reader should know about an assembly, beside the edits that failed. */
        AssemblyProblem: {
            /** @description The id of the part, as the script writes it where no part has it. */
            id?: string | null;
            kind: components["schemas"]["ProblemKind"];
        };
        /** @description The tokens of one attempt. */
        AttemptUsage: {
            /** Format: uint64 */
            completion_tokens: number;
            /** @description The server reported none: reckoned from the lengths. */
            estimated: boolean;
            /** Format: uint64 */
            prompt_tokens: number;
        };
        AttemptView: {
            /**
             * Format: date-time
             * @description ISO 8601 in UTC, with milliseconds.
             */
            end: string | null;
            error: components["schemas"]["ErrorInfo"] | null;
            model: string;
            /**
             * Format: date-time
             * @description ISO 8601 in UTC, with milliseconds.
             */
            start: string;
            /** @description Null while it runs. */
            success: boolean | null;
            usage: components["schemas"]["AttemptUsage"] | null;
        };
        /** @description A value, name, topic, file or identifier that two parts touch. */
        Border: {
            /** @description The id of the subtask that decides, or `editor`. */
            owner?: string | null;
            what: string;
        };
        BorderView: {
            /** @description The id of a subtask, or `editor`. */
            owner: string | null;
            what: string;
        };
        /** @description What a refusal has taught about the context of the model that was asked. */
        ContextLesson: {
            /**
             * Format: uint32
             * @description The context, prompt and reply together, is no larger.
             */
            context_tokens?: number | null;
            /**
             * Format: uint32
             * @description The server counts so many tokens where a thousand are estimated.
             */
            counted_per_1000?: number | null;
            /** @description The server named no size, so this step alone is asked with less. */
            guessed?: boolean;
        };
        Counts: {
            /** Format: uint64 */
            complete: number;
            /** Format: uint64 */
            errored: number;
            /** Format: uint64 */
            paused: number;
            /** Format: uint64 */
            queued: number;
            /** Format: uint64 */
            running: number;
            /** Format: uint64 */
            terminated: number;
            /** Format: uint64 */
            waiting: number;
            /** Format: uint64 */
            waitingForPause: number;
        };
        /** @description What holds for the options of these names that a submission leaves out. */
        DefaultsView: {
            /** Format: uint32 */
            max_concurrency: number;
            /** Format: uint32 */
            max_subtasks: number;
            /** @description What the doors of other protocols ask for. A submission that names none goes on. */
            on_disconnect: components["schemas"]["OnDisconnect"];
            /**
             * Format: uint64
             * @description Null where a workflow that names none has no budget.
             */
            token_budget: number | null;
        };
        /** @description More text of an attempt in flight. Live only: it has no id. */
        Delta: {
            /** Format: uint32 */
            attempt: number;
            /**
             * Format: uint
             * @description Characters (Unicode scalar values) before it: truncate what you have to this length, then append.
             */
            from: number;
            /**
             * @description Present and true where no more live text of this attempt follows, because too much text is in flight. The whole
             *     text comes with `attempt_completed`.
             */
            last?: boolean;
            /** Format: uint32 */
            run: number;
            step: components["schemas"]["StepName"];
            text: string;
        };
        /** @description What became of one edit of the editor's script. */
        EditResult: {
            /** @description Why it failed, in words that a model can act on. */
            reason?: string | null;
            state: components["schemas"]["EditState"];
            /** @description The part that it is for. */
            step: components["schemas"]["StepName"];
        };
        /** @enum {string} */
        EditState: "applied" | "failed";
        /** @enum {string} */
        Environment: "development" | "staging" | "production";
        /** @description Why a step, an attempt or a workflow failed. */
        ErrorInfo: {
            message: string;
            /** @description A stable word in UpperCamelCase. */
            name: string;
        };
        /** @description What a plan is expected to take from here on. */
        Estimate: {
            /**
             * Format: uint32
             * @description Model calls, without repetitions.
             */
            calls: number;
            /**
             * Format: uint64
             * @description Prompt and reply together.
             */
            tokens: number;
        };
        /**
         * @description The editor's script is resolved: what the answer consists of, so that no later build reads the script again.
         * @example {
         *       "assembler": 1,
         *       "at": "2026-01-01T00:00:00.000Z",
         *       "edits": [
         *         {
         *           "state": "applied",
         *           "step": "subtask/t1"
         *         }
         *       ],
         *       "segments": [
         *         {
         *           "from": 8,
         *           "number": 1,
         *           "run": 1,
         *           "step": "edit/1",
         *           "to": 120
         *         },
         *         {
         *           "from": 0,
         *           "number": 1,
         *           "run": 1,
         *           "step": "subtask/t1",
         *           "to": 2400
         *         },
         *         {
         *           "text": "\n\n"
         *         }
         *       ],
         *       "seq": 9,
         *       "type": "answer_assembled"
         *     }
         */
        EventAnswerAssembled: {
            /**
             * Format: uint32
             * @description The version of the rules by which the script was read.
             */
            assembler: number;
            /**
             * Format: date-time
             * @description ISO 8601 in UTC, with milliseconds.
             */
            at: string;
            edits?: components["schemas"]["EditResult"][];
            /** @description What of the script could not be followed. */
            problems?: components["schemas"]["AssemblyProblem"][];
            segments: components["schemas"]["Segment"][];
            /** @description The number of the event in the journal, from 1 without gaps. */
            seq: number;
            /** @constant */
            type: "answer_assembled";
            /** @description The reply had no mark at all, so it is the answer as it stands. Its model is not asked for marks again. */
            unmarked?: boolean;
        };
        /**
         * @description The reviewer's reply is resolved: what the final answer consists of. A slice of `synthesis` is of the answer as
         *     it was before the review, whose attempt has number 0 where no model wrote it.
         * @example {
         *       "assembler": 1,
         *       "at": "2026-01-01T00:00:00.000Z",
         *       "edits": [
         *         {
         *           "state": "applied",
         *           "step": "synthesis"
         *         }
         *       ],
         *       "segments": [
         *         {
         *           "from": 0,
         *           "number": 0,
         *           "run": 1,
         *           "step": "synthesis",
         *           "to": 120
         *         },
         *         {
         *           "from": 40,
         *           "number": 1,
         *           "run": 1,
         *           "step": "review/1",
         *           "to": 61
         *         }
         *       ],
         *       "seq": 9,
         *       "type": "answer_reviewed"
         *     }
         */
        EventAnswerReviewed: {
            /**
             * Format: uint32
             * @description The version of the rules by which the reply was read.
             */
            assembler: number;
            /**
             * Format: date-time
             * @description ISO 8601 in UTC, with milliseconds.
             */
            at: string;
            edits?: components["schemas"]["EditResult"][];
            /** @description Why the reply, or a whole text in it, was not taken. */
            refused?: string | null;
            segments: components["schemas"]["Segment"][];
            /** @description The number of the event in the journal, from 1 without gaps. */
            seq: number;
            /** @constant */
            type: "answer_reviewed";
        };
        /**
         * @example {
         *       "at": "2026-01-01T00:00:01.000Z",
         *       "number": 1,
         *       "run": 1,
         *       "seq": 4,
         *       "step": "plan",
         *       "text": "{\"analysis\": \"Each database on its own, then the comparison.\", \"tasks\": [\n    {\"id\": \"t1\", \"title\": \"SQLite\", \"instructions\": \"Describe SQLite for a small web shop.\", \"depends_on\": []},\n    {\"id\": \"t2\", \"title\": \"PostgreSQL\", \"instructions\": \"Describe PostgreSQL for a small web shop.\", \"depends_on\": []}]}",
         *       "type": "attempt_completed",
         *       "usage": {
         *         "completion_tokens": 60,
         *         "estimated": false,
         *         "prompt_tokens": 240
         *       }
         *     }
         */
        EventAttemptCompleted: {
            /** @description The parameters of the request that the server wanted otherwise. */
            adapted?: string[];
            /**
             * Format: date-time
             * @description ISO 8601 in UTC, with milliseconds.
             */
            at: string;
            /** @description The model that answered, where `attempt_started` left the choice to the server. */
            model?: string | null;
            /** Format: uint32 */
            number: number;
            /** Format: uint32 */
            run: number;
            /** @description The number of the event in the journal, from 1 without gaps. */
            seq: number;
            step: components["schemas"]["StepName"];
            text: string;
            /** @description The model stopped at its limit of tokens, or the text was cut to the journal's limit. */
            truncated?: boolean;
            /** @constant */
            type: "attempt_completed";
            /** @description The server's word for the end of the text, where nobody knows it. The text may be whole or not. */
            unknown_finish?: string | null;
            usage: components["schemas"]["AttemptUsage"];
        };
        /**
         * @example {
         *       "at": "2026-01-01T00:00:00.000Z",
         *       "class": "transient",
         *       "error": {
         *         "message": "the server answered 500",
         *         "name": "HttpError"
         *       },
         *       "number": 1,
         *       "retry_at": 1767225600700,
         *       "run": 1,
         *       "seq": 9,
         *       "step": "subtask/t1",
         *       "type": "attempt_errored"
         *     }
         */
        EventAttemptErrored: {
            /**
             * Format: date-time
             * @description ISO 8601 in UTC, with milliseconds.
             */
            at: string;
            class: components["schemas"]["FailureClass"];
            /** @description What a request that was refused as too long has taught. */
            context?: components["schemas"]["ContextLesson"] | null;
            error: components["schemas"]["ErrorInfo"];
            /**
             * Format: uint
             * @description The index in the model list that the next attempt uses.
             */
            next_model?: number;
            /** Format: uint32 */
            number: number;
            /** @description The refused reply, for the attempt that repairs it. */
            reply?: string | null;
            /** @description When the next attempt is due; null: the step fails for good. */
            retry_at: components["schemas"]["Timestamp"] | null;
            /** Format: uint32 */
            run: number;
            /** @description The number of the event in the journal, from 1 without gaps. */
            seq: number;
            step: components["schemas"]["StepName"];
            /** @constant */
            type: "attempt_errored";
            usage?: components["schemas"]["AttemptUsage"] | null;
        };
        /**
         * @description The host restarted, or the invocation ended: nobody knows what became of the call.
         * @example {
         *       "at": "2026-01-01T00:00:00.000Z",
         *       "number": 1,
         *       "run": 1,
         *       "seq": 9,
         *       "step": "subtask/t1",
         *       "type": "attempt_lost"
         *     }
         */
        EventAttemptLost: {
            /**
             * Format: date-time
             * @description ISO 8601 in UTC, with milliseconds.
             */
            at: string;
            /** Format: uint32 */
            number: number;
            /** @description When it is repeated; absent: at once. */
            retry_at?: components["schemas"]["Timestamp"] | null;
            /** Format: uint32 */
            run: number;
            /** @description The number of the event in the journal, from 1 without gaps. */
            seq: number;
            step: components["schemas"]["StepName"];
            /** @constant */
            type: "attempt_lost";
        };
        /**
         * @example {
         *       "at": "2026-01-01T00:00:00.000Z",
         *       "model": "demo-big",
         *       "number": 1,
         *       "prompts": 2,
         *       "request_sha256": "8b8f6ed9b246302d2b0bbcd7578a62fbbef8388b0afc87ba485e6c708858a484",
         *       "run": 1,
         *       "seq": 3,
         *       "step": "plan",
         *       "type": "attempt_started"
         *     }
         */
        EventAttemptStarted: {
            /**
             * Format: date-time
             * @description ISO 8601 in UTC, with milliseconds.
             */
            at: string;
            /** @description What the step was given had to be cut to fit the model's context. */
            input_cut?: boolean;
            model: string;
            /**
             * Format: uint
             * @description The model's index in its list, where models were passed over because the step does not fit them.
             */
            model_index?: number | null;
            /** Format: uint32 */
            number: number;
            /**
             * Format: uint32
             * @description The version of the prompts. Absent: that of 0.1.0.
             */
            prompts?: number | null;
            /** @description SHA-256 of the messages as they were rendered, in hexadecimal digits. */
            request_sha256?: string | null;
            /** Format: uint32 */
            run: number;
            /** @description The number of the event in the journal, from 1 without gaps. */
            seq: number;
            step: components["schemas"]["StepName"];
            /** @constant */
            type: "attempt_started";
        };
        /**
         * @description A valid plan, proposed (where it waits for approval) or in force.
         * @example {
         *       "at": "2026-01-01T00:00:01.000Z",
         *       "estimate": {
         *         "calls": 3,
         *         "tokens": 10732
         *       },
         *       "plan": {
         *         "analysis": "Each database on its own, then the comparison.",
         *         "tasks": [
         *           {
         *             "depends_on": [],
         *             "id": "t1",
         *             "instructions": "Describe SQLite for a small web shop.",
         *             "title": "SQLite"
         *           },
         *           {
         *             "depends_on": [],
         *             "id": "t2",
         *             "instructions": "Describe PostgreSQL for a small web shop.",
         *             "title": "PostgreSQL"
         *           }
         *         ]
         *       },
         *       "seq": 5,
         *       "source": "planner",
         *       "type": "plan_accepted"
         *     }
         */
        EventPlanAccepted: {
            /**
             * Format: date-time
             * @description ISO 8601 in UTC, with milliseconds.
             */
            at: string;
            /** @description What the rest of the run is expected to take. */
            estimate?: components["schemas"]["Estimate"] | null;
            /** @description The subtasks of the planner that were left out, because they ask for the same as an earlier one. */
            merged?: components["schemas"]["MergedTask"][];
            plan: components["schemas"]["Plan"];
            /** @description The number of the event in the journal, from 1 without gaps. */
            seq: number;
            source: components["schemas"]["PlanSource"];
            /** @constant */
            type: "plan_accepted";
        };
        /**
         * @description With `plan` where it was edited.
         * @example {
         *       "at": "2026-01-01T00:00:00.000Z",
         *       "seq": 9,
         *       "type": "plan_approved"
         *     }
         */
        EventPlanApproved: {
            /**
             * Format: date-time
             * @description ISO 8601 in UTC, with milliseconds.
             */
            at: string;
            /** @description What the edited plan is expected to take. */
            estimate?: components["schemas"]["Estimate"] | null;
            plan?: components["schemas"]["Plan"] | null;
            /** @description The number of the event in the journal, from 1 without gaps. */
            seq: number;
            /** @constant */
            type: "plan_approved";
        };
        /**
         * @description The answers together do not fit the big model's context: this round condenses them, one `reduce/<n>` a group.
         * @example {
         *       "at": "2026-01-01T00:00:00.000Z",
         *       "reductions": [
         *         {
         *           "number": 1,
         *           "parts": [
         *             {
         *               "from": 0,
         *               "step": "subtask/t1",
         *               "to": 40000
         *             }
         *           ],
         *           "round": 1
         *         }
         *       ],
         *       "seq": 9,
         *       "type": "reduction_planned"
         *     }
         */
        EventReductionPlanned: {
            /**
             * Format: date-time
             * @description ISO 8601 in UTC, with milliseconds.
             */
            at: string;
            reductions: components["schemas"]["Reduction"][];
            /** @description The number of the event in the journal, from 1 without gaps. */
            seq: number;
            /** @constant */
            type: "reduction_planned";
        };
        /**
         * @description The step failed for good.
         * @example {
         *       "at": "2026-01-01T00:00:00.000Z",
         *       "error": {
         *         "message": "the server answered 500",
         *         "name": "HttpError"
         *       },
         *       "seq": 9,
         *       "step": "subtask/t1",
         *       "type": "step_errored"
         *     }
         */
        EventStepErrored: {
            /**
             * Format: date-time
             * @description ISO 8601 in UTC, with milliseconds.
             */
            at: string;
            error: components["schemas"]["ErrorInfo"];
            /** @description The number of the event in the journal, from 1 without gaps. */
            seq: number;
            step: components["schemas"]["StepName"];
            /** @constant */
            type: "step_errored";
        };
        /**
         * @description The step will not run: a limit of the run was reached.
         * @example {
         *       "at": "2026-01-01T00:00:00.000Z",
         *       "reason": "three quarters of token_budget (20000) was used",
         *       "seq": 9,
         *       "step": "subtask/t1",
         *       "type": "step_skipped"
         *     }
         */
        EventStepSkipped: {
            /**
             * Format: date-time
             * @description ISO 8601 in UTC, with milliseconds.
             */
            at: string;
            reason: string;
            /** @description The number of the event in the journal, from 1 without gaps. */
            seq: number;
            step: components["schemas"]["StepName"];
            /** @constant */
            type: "step_skipped";
        };
        /**
         * @example {
         *       "at": "2026-01-01T00:00:04.000Z",
         *       "seq": 12,
         *       "type": "workflow_completed"
         *     }
         */
        EventWorkflowCompleted: {
            /**
             * Format: date-time
             * @description ISO 8601 in UTC, with milliseconds.
             */
            at: string;
            result?: components["schemas"]["ResultSource"];
            /** @description The number of the event in the journal, from 1 without gaps. */
            seq: number;
            /** @constant */
            type: "workflow_completed";
        };
        /**
         * @example {
         *       "at": "2026-01-01T00:00:00.000Z",
         *       "error": {
         *         "message": "every subtask failed, the first with subtask/t1: the server answered 500",
         *         "name": "AllSubtasksFailed"
         *       },
         *       "seq": 9,
         *       "type": "workflow_errored"
         *     }
         */
        EventWorkflowErrored: {
            /**
             * Format: date-time
             * @description ISO 8601 in UTC, with milliseconds.
             */
            at: string;
            error: components["schemas"]["ErrorInfo"];
            /** @description The number of the event in the journal, from 1 without gaps. */
            seq: number;
            /** @constant */
            type: "workflow_errored";
        };
        /**
         * @example {
         *       "at": "2026-01-01T00:00:00.000Z",
         *       "reason": "no_listener",
         *       "seq": 9,
         *       "type": "workflow_paused"
         *     }
         */
        EventWorkflowPaused: {
            /**
             * Format: date-time
             * @description ISO 8601 in UTC, with milliseconds.
             */
            at: string;
            reason?: components["schemas"]["StopReason"] | null;
            /** @description The number of the event in the journal, from 1 without gaps. */
            seq: number;
            /** @constant */
            type: "workflow_paused";
        };
        /**
         * @example {
         *       "at": "2026-01-01T00:00:00.000Z",
         *       "seq": 1,
         *       "spec": {
         *         "big_models": [
         *           {
         *             "context_tokens": 128000,
         *             "name": "demo-big",
         *             "provider": "demo"
         *           }
         *         ],
         *         "id": "w1",
         *         "metadata": {
         *           "team": "shop"
         *         },
         *         "options": {
         *           "approval": "none",
         *           "max_concurrency": 50,
         *           "max_subtasks": 8,
         *           "on_subtask_failure": "continue",
         *           "token_budget": 400000
         *         },
         *         "policy": {
         *           "attempt_timeout_ms": 900000,
         *           "attempts_max": 5,
         *           "backoff_base_ms": 1000,
         *           "backoff_max_ms": 60000,
         *           "continuations_max": 3,
         *           "failures_per_model": 3,
         *           "first_token_timeout_ms": 120000,
         *           "idle_timeout_ms": 60000,
         *           "journal_bytes_max": 25165824,
         *           "lost_max": 10,
         *           "plan_max_tokens": 4096,
         *           "retention_ms": 2592000000,
         *           "subtask_max_tokens": 4096,
         *           "synthesis_max_tokens": 8192
         *         },
         *         "prompt": "Compare PostgreSQL and SQLite for a small web shop.",
         *         "provider": "demo",
         *         "small_models": [
         *           {
         *             "context_tokens": 128000,
         *             "name": "demo-small",
         *             "provider": "demo"
         *           }
         *         ]
         *       },
         *       "type": "workflow_queued"
         *     }
         */
        EventWorkflowQueued: {
            /**
             * Format: date-time
             * @description ISO 8601 in UTC, with milliseconds.
             */
            at: string;
            /** @description The number of the event in the journal, from 1 without gaps. */
            seq: number;
            spec: components["schemas"]["WorkflowSpec"];
            /** @constant */
            type: "workflow_queued";
        };
        /**
         * @description Run `run` begins. `reset` are the steps that run again; every other keeps its answer.
         * @example {
         *       "at": "2026-01-01T00:00:00.000Z",
         *       "reset": {
         *         "steps": [
         *           "subtask/t1",
         *           "synthesis"
         *         ]
         *       },
         *       "run": 2,
         *       "seq": 9,
         *       "type": "workflow_restarted"
         *     }
         */
        EventWorkflowRestarted: {
            /**
             * Format: date-time
             * @description ISO 8601 in UTC, with milliseconds.
             */
            at: string;
            /** @description What a person wants done otherwise, and by which step. */
            remark?: components["schemas"]["StepRemark"] | null;
            reset: components["schemas"]["Reset"];
            /** Format: uint32 */
            run: number;
            /** @description The number of the event in the journal, from 1 without gaps. */
            seq: number;
            /** @constant */
            type: "workflow_restarted";
        };
        /**
         * @example {
         *       "at": "2026-01-01T00:00:00.000Z",
         *       "seq": 9,
         *       "type": "workflow_resumed"
         *     }
         */
        EventWorkflowResumed: {
            /**
             * Format: date-time
             * @description ISO 8601 in UTC, with milliseconds.
             */
            at: string;
            /** @description The number of the event in the journal, from 1 without gaps. */
            seq: number;
            /** @constant */
            type: "workflow_resumed";
        };
        /**
         * @example {
         *       "at": "2026-01-01T00:00:00.000Z",
         *       "seq": 2,
         *       "type": "workflow_started"
         *     }
         */
        EventWorkflowStarted: {
            /**
             * Format: date-time
             * @description ISO 8601 in UTC, with milliseconds.
             */
            at: string;
            /** @description The number of the event in the journal, from 1 without gaps. */
            seq: number;
            /** @constant */
            type: "workflow_started";
        };
        /**
         * @example {
         *       "at": "2026-01-01T00:00:00.000Z",
         *       "seq": 9,
         *       "type": "workflow_terminated"
         *     }
         */
        EventWorkflowTerminated: {
            /**
             * Format: date-time
             * @description ISO 8601 in UTC, with milliseconds.
             */
            at: string;
            reason?: components["schemas"]["StopReason"] | null;
            /** @description The number of the event in the journal, from 1 without gaps. */
            seq: number;
            /** @constant */
            type: "workflow_terminated";
        };
        /**
         * @description For approval of the plan.
         * @example {
         *       "at": "2026-01-01T00:00:00.000Z",
         *       "seq": 9,
         *       "type": "workflow_waiting"
         *     }
         */
        EventWorkflowWaiting: {
            /**
             * Format: date-time
             * @description ISO 8601 in UTC, with milliseconds.
             */
            at: string;
            /** @description The number of the event in the journal, from 1 without gaps. */
            seq: number;
            /** @constant */
            type: "workflow_waiting";
        };
        /**
         * @example {
         *       "at": "2026-01-01T00:00:00.000Z",
         *       "seq": 9,
         *       "type": "workflow_waiting_for_pause"
         *     }
         */
        EventWorkflowWaitingForPause: {
            /**
             * Format: date-time
             * @description ISO 8601 in UTC, with milliseconds.
             */
            at: string;
            /** @description Absent: a control asked for it. */
            reason?: components["schemas"]["StopReason"] | null;
            /** @description The number of the event in the journal, from 1 without gaps. */
            seq: number;
            /** @constant */
            type: "workflow_waiting_for_pause";
        };
        /** @description A request and its answer. */
        Exchange: {
            answer: string;
            /**
             * @description The answer, or the request, was shortened, because the history would be too long. The text says so where it
             *     was cut.
             */
            cut?: boolean;
            request: string;
        };
        /** @description The model's error classes, and the failures that the engine finds itself. */
        FailureClass: ("transient" | "permanent" | "quota") | "invalid" | "aborted";
        /** @description How the answer is made of the parts. */
        Form: "merge" | "assemble";
        /** @description The body of `GET /health`. */
        HealthView: {
            environment: components["schemas"]["Environment"];
            name: string;
            provider: components["schemas"]["Provider"];
            status: string;
            version: string;
        };
        IndexUrls: {
            events: string;
            health: string;
            list: string;
            openapi: string;
            result: string;
            status: string;
            submit: string;
        };
        /** @description The body of `GET /`. */
        IndexView: {
            defaults: components["schemas"]["DefaultsView"];
            environment: components["schemas"]["Environment"];
            models: components["schemas"]["ModelsView"];
            name: string;
            provider: components["schemas"]["Provider"];
            urls: components["schemas"]["IndexUrls"];
            version: string;
        };
        /** @description How long the answer is. Words of prose: code and tables don't count. A limit in the request itself wins. */
        Length: "brief" | "normal" | "full" | {
            /** Format: uint32 */
            max_words: number;
        };
        /** @description The body of `GET /workflows`, which `crate::tenant` writes. */
        List: {
            /** @description All workflows of the tenant by status, whatever is asked for. */
            counts: components["schemas"]["Counts"];
            /** @description The `cursor` of the next page. Null: there is none. */
            next: string | null;
            workflows: components["schemas"]["Listed"][];
        };
        Listed: {
            /**
             * Format: uint64
             * @description How many workflows follow it up.
             */
            children: number;
            /**
             * Format: date-time
             * @description ISO 8601 in UTC, with milliseconds.
             */
            end: string | null;
            /** @description The name of the error that it ended with. */
            error: string | null;
            id: string;
            metadata: {
                [key: string]: string;
            };
            mode: components["schemas"]["SummaryMode"];
            /** @description The id of the workflow that this one follows up. */
            parent: string | null;
            /** @description The first 200 characters of the prompt. */
            prompt: string;
            /**
             * Format: date-time
             * @description ISO 8601 in UTC, with milliseconds.
             */
            queued: string;
            /** Format: uint32 */
            run: number;
            /**
             * Format: date-time
             * @description ISO 8601 in UTC, with milliseconds.
             */
            start: string | null;
            status: components["schemas"]["Status"];
            subtasks: components["schemas"]["SubtaskCounts"];
            /**
             * Format: date-time
             * @description When all this was so.
             */
            updated: string;
            usage: components["schemas"]["UsageView"];
            /**
             * Format: uint
             * @description How many there are.
             */
            warnings: number;
        };
        /** @description A subtask that asked for the same as an earlier one. */
        MergedTask: {
            id: string;
            /** @description The id of the earlier one, which does the work of both. */
            into: string;
            title: string;
        };
        /** @description How a request is answered. */
        Mode: "auto" | "direct" | "split";
        /** @description How the request is answered. */
        ModeView: {
            asked: components["schemas"]["Mode"];
            /** @description Null until there is a plan. */
            chosen: components["schemas"]["PlanMode"] | null;
            /** @description Why, where anybody has said so. */
            reason: string | null;
        };
        /** @description One entry of `BIG_MODEL` or `SMALL_MODEL`, journaled with the workflow so that replay reads no configuration. */
        ModelSpec: {
            /**
             * Format: uint32
             * @description The context window in tokens, prompt and reply together.
             */
            context_tokens: number;
            name: string;
            provider: components["schemas"]["Provider"];
        };
        /** @description In order of preference, by the names that `options.big_model` and `options.small_model` take. */
        ModelsView: {
            big: string[];
            small: string[];
        };
        /** @description The id of a workflow, and none of the words that are, or may become, paths of their own. A workflow of 0.1.0 may have one of them as its id: it is found below `/workflows`. */
        NewWorkflowId: string;
        /**
         * @description What becomes of a queued or running workflow that nobody has listened to for a minute. An open event stream
         *     listens, and so does a request that waits.
         */
        OnDisconnect: ("continue" | "terminate") | "pause";
        /** @description What the final failure of one subtask means for the workflow. */
        OnSubtaskFailure: "continue" | "fail";
        /** @description The client's `options`, with the defaults filled in. */
        Options: {
            approval: components["schemas"]["Approval"];
            /** Format: uint64 */
            deadline_seconds?: number | null;
            /** @description Tone, format, domain: given to all three roles. */
            instructions?: string | null;
            length?: components["schemas"]["Length"];
            /** Format: uint32 */
            max_concurrency: number;
            /** Format: uint32 */
            max_subtasks: number;
            mode?: components["schemas"]["Mode"];
            on_disconnect?: components["schemas"]["OnDisconnect"];
            on_subtask_failure: components["schemas"]["OnSubtaskFailure"];
            /** @description A JSON Schema (2020-12) that the answer is to fit, as JSON, besides its text. */
            output_schema?: unknown;
            review?: components["schemas"]["Review"];
            /** Format: uint64 */
            token_budget?: number | null;
        };
        /** @description The three fields of the original demo. */
        OutputView: {
            finalResult: string;
            orchestratorTasks: string[];
            /** @description Where `output_schema` was asked for: the JSON that fits it. Null where there is none. */
            structured?: unknown;
            /**
             * @description In the order of `orchestratorTasks`, without notes for the editor and before its edits; null where a subtask
             *     failed.
             */
            workerResponses?: (string | null)[] | null;
        };
        /** @description A border: what it is, or an object with its owner. */
        OwnBorder: string | {
            /** @description The id of the task that decides, or `editor`. */
            owner?: string | null;
            what: string;
        };
        /** @description A workflow that is followed up, as it was then: a restart or a deletion of it changes nothing here. */
        Parent: {
            id: string;
            /**
             * Format: uint32
             * @description So many of the earliest exchanges are left out of the history, because it would be too long.
             */
            left_out?: number;
            nonce: string;
            /** Format: uint32 */
            run: number;
        };
        /** @description A workflow that is followed up. */
        ParentView: {
            id: string;
            /**
             * Format: uint32
             * @description So many of the earliest exchanges are left out of `history`, because it would be too long.
             */
            left_out: number;
            /**
             * Format: uint32
             * @description The run whose answer was taken.
             */
            run: number;
        };
        /** @description A valid plan. Its order is the order of everything shown; a subtask may depend on a later one. */
        Plan: {
            analysis: string;
            borders?: components["schemas"]["Border"][];
            criteria?: string[];
            form?: components["schemas"]["Form"];
            /** Format: uint32 */
            length?: number | null;
            mode?: components["schemas"]["PlanMode"];
            shared?: string;
            tasks: components["schemas"]["Task"][];
        };
        /** @description Whether a plan has subtasks. */
        PlanMode: "split" | "direct";
        /** @enum {string} */
        PlanSource: "planner" | "client";
        /** @description The plan in force, or the one that waits for approval. */
        PlanView: {
            analysis: string;
            borders: components["schemas"]["BorderView"][];
            criteria: string[];
            estimate: components["schemas"]["Estimate"] | null;
            form: components["schemas"]["Form"];
            /**
             * Format: uint32
             * @description Words of the whole answer.
             */
            length: number | null;
            mode: components["schemas"]["PlanMode"];
            shared: string;
            /** @description None where the request is answered directly. */
            tasks: components["schemas"]["TaskView"][];
        };
        /** @description The deployment's rules: retries, time limits, token limits, retention. The client may ask for another retention. */
        Policy: {
            /** Format: uint64 */
            attempt_timeout_ms: number;
            /**
             * Format: uint32
             * @description Failed attempts of a step over all models, after which it fails for good.
             */
            attempts_max: number;
            /** Format: uint64 */
            backoff_base_ms: number;
            /** Format: uint64 */
            backoff_max_ms: number;
            /**
             * Format: uint32
             * @description How often a truncated synthesis is continued.
             */
            continuations_max: number;
            /**
             * Format: uint64
             * @description How long nobody may listen before `Options::on_disconnect` holds.
             */
            disconnect_ms?: number;
            /**
             * Format: uint32
             * @description Failures on one model after which the next of the list takes over.
             */
            failures_per_model: number;
            /** Format: uint64 */
            first_token_timeout_ms: number;
            /** Format: uint64 */
            idle_timeout_ms: number;
            /**
             * Format: uint64
             * @description The most bytes of the journal, over all runs.
             */
            journal_bytes_max: number;
            /**
             * Format: uint32
             * @description Lost attempts of a step without progress of the workflow, after which it is a crash loop.
             */
            lost_max: number;
            /**
             * @description The time limits of calls to Ollama, where one of the models is there: first token, silence and attempt, in
             *     milliseconds. None: those of all.
             */
            ollama_timeouts_ms?: number[] | null;
            /** Format: uint32 */
            plan_max_tokens: number;
            /**
             * Format: uint64
             * @description How long the data is kept after the end.
             */
            retention_ms: number;
            /** Format: uint32 */
            subtask_max_tokens: number;
            /** Format: uint32 */
            synthesis_max_tokens: number;
        };
        ProblemAuthNotConfigured: {
            /** @description What to do about it, for people. */
            detail: string;
            /** @constant */
            status: 503;
            /** @constant */
            title: "Access tokens are not configured";
            /** @constant */
            type: "urn:orchestrator-workers:problem:auth-not-configured";
        };
        ProblemContentTooLarge: {
            /** @description What to do about it, for people. */
            detail: string;
            limit_bytes: number;
            /** @constant */
            status: 413;
            /** @constant */
            title: "The request is too large";
            /** @constant */
            type: "urn:orchestrator-workers:problem:content-too-large";
        };
        ProblemContextTooSmall: {
            context_tokens: number;
            /** @description What to do about it, for people. */
            detail: string;
            /** @description The model that comes nearest. */
            model: string;
            prompt_tokens: number;
            reply_tokens: number;
            /** @constant */
            status: 400;
            /** @constant */
            title: "The request fits no model's context";
            /** @constant */
            type: "urn:orchestrator-workers:problem:context-too-small";
        };
        ProblemControlNotAllowed: {
            /** @description The controls that are possible now. */
            allowed?: string[];
            /** @description What to do about it, for people. */
            detail: string;
            /** @constant */
            status: 409;
            status_of_workflow?: components["schemas"]["Status"];
            /** @constant */
            title: "Not possible in the workflow's present status";
            /** @constant */
            type: "urn:orchestrator-workers:problem:control-not-allowed";
        };
        ProblemIdTaken: {
            /** @description What to do about it, for people. */
            detail: string;
            /** @constant */
            status: 409;
            /** @constant */
            title: "A workflow with this id exists";
            /** @constant */
            type: "urn:orchestrator-workers:problem:id-taken";
        };
        ProblemIdempotencyKeyReused: {
            /** @description What to do about it, for people. */
            detail: string;
            /** @constant */
            status: 422;
            /** @constant */
            title: "The idempotency key was used with another body";
            /** @constant */
            type: "urn:orchestrator-workers:problem:idempotency-key-reused";
        };
        ProblemIndexNotConfigured: {
            /** @description What to do about it, for people. */
            detail: string;
            /** @constant */
            status: 503;
            /** @constant */
            title: "This deployment keeps no list";
            /** @constant */
            type: "urn:orchestrator-workers:problem:index-not-configured";
        };
        ProblemInternalError: {
            /** @description What to do about it, for people. */
            detail: string;
            /** @constant */
            status: 500;
            /** @constant */
            title: "Internal error";
            /** @constant */
            type: "urn:orchestrator-workers:problem:internal-error";
        };
        ProblemInvalidConfiguration: {
            /** @description What to do about it, for people. */
            detail: string;
            /** @constant */
            status: 503;
            /** @constant */
            title: "The deployment is not configured correctly";
            /** @constant */
            type: "urn:orchestrator-workers:problem:invalid-configuration";
            /** @description The variables whose values are wrong. */
            variables: string[];
        };
        ProblemInvalidJson: {
            column?: number;
            /** @description What to do about it, for people. */
            detail: string;
            line?: number;
            /** @constant */
            status: 400;
            /** @constant */
            title: "The body is not valid JSON";
            /** @constant */
            type: "urn:orchestrator-workers:problem:invalid-json";
        };
        ProblemInvalidPlan: {
            /** @description What to do about it, for people. */
            detail: string;
            /** @description The field that is wrong. */
            field?: string;
            /** @constant */
            status: 400;
            /** @constant */
            title: "The list of tasks is not a valid plan";
            /** @constant */
            type: "urn:orchestrator-workers:problem:invalid-plan";
        };
        ProblemInvalidRequest: {
            /** @description The values that the field may have. */
            allowed?: string[];
            /** @description What to do about it, for people. */
            detail: string;
            /** @description The field that is wrong. */
            field?: string;
            /** @description The keyword of the schema. */
            keyword?: string;
            /** @description The place in the schema: a JSON Pointer. */
            pointer?: string;
            /** @constant */
            status: 400;
            /** @constant */
            title: "The request is not valid";
            /** @constant */
            type: "urn:orchestrator-workers:problem:invalid-request";
        };
        ProblemInvalidToken: {
            /** @description What to do about it, for people. */
            detail: string;
            /** @constant */
            status: 401;
            /** @constant */
            title: "A valid bearer token is needed";
            /** @constant */
            type: "urn:orchestrator-workers:problem:invalid-token";
        };
        ProblemKind: "unknown_include" | "repeated_include" | "left_out" | "no_includes" | "no_answer" | "repeated_answer" | "unfinished_mark" | "too_many_marks";
        ProblemMethodNotAllowed: {
            /** @description What to do about it, for people. */
            detail: string;
            /** @constant */
            status: 405;
            /** @constant */
            title: "The method is not allowed here";
            /** @constant */
            type: "urn:orchestrator-workers:problem:method-not-allowed";
        };
        ProblemNewerJournal: {
            /** @description What to do about it, for people. */
            detail: string;
            /** @constant */
            status: 503;
            /** @constant */
            title: "The workflow was written by a newer version";
            /** @constant */
            type: "urn:orchestrator-workers:problem:newer-journal";
        };
        ProblemNoResult: {
            /** @description What to do about it, for people. */
            detail: string;
            /** @description The field that is wrong. */
            field?: string;
            /** @constant */
            status: 409;
            status_of_workflow: components["schemas"]["Status"];
            /** @constant */
            title: "The workflow ended without a result";
            /** @constant */
            type: "urn:orchestrator-workers:problem:no-result";
        };
        ProblemNotFound: {
            /** @description What to do about it, for people. */
            detail: string;
            /** @description The field that is wrong. */
            field?: string;
            /** @constant */
            status: 404;
            /** @constant */
            title: "Not found";
            /** @constant */
            type: "urn:orchestrator-workers:problem:not-found";
        };
        ProblemOriginNotAllowed: {
            /** @description What to do about it, for people. */
            detail: string;
            /** @constant */
            status: 403;
            /** @constant */
            title: "Requests from this origin are not allowed";
            /** @constant */
            type: "urn:orchestrator-workers:problem:origin-not-allowed";
        };
        ProblemResultNotReady: {
            /** @description What to do about it, for people. */
            detail: string;
            /** @description The field that is wrong. */
            field?: string;
            /** @constant */
            status: 409;
            status_of_workflow: components["schemas"]["Status"];
            /** @constant */
            title: "The workflow has no result yet";
            /** @constant */
            type: "urn:orchestrator-workers:problem:result-not-ready";
        };
        ProblemTooManySubscribers: {
            /** @description What to do about it, for people. */
            detail: string;
            /** @constant */
            status: 429;
            subscribers_max: number;
            /** @constant */
            title: "Too many clients read the workflow's events";
            /** @constant */
            type: "urn:orchestrator-workers:problem:too-many-subscribers";
        };
        ProblemUnavailable: {
            /** @description What to do about it, for people. */
            detail: string;
            /** @constant */
            status: 503;
            /** @constant */
            title: "Not available at the moment";
            /** @constant */
            type: "urn:orchestrator-workers:problem:unavailable";
        };
        ProblemUnknownStep: {
            /** @description What to do about it, for people. */
            detail: string;
            /** @constant */
            status: 400;
            /** @description The steps that there are. */
            steps: components["schemas"]["StepName"][];
            /** @constant */
            title: "The workflow has no such step";
            /** @constant */
            type: "urn:orchestrator-workers:problem:unknown-step";
        };
        ProblemUnsupportedMediaType: {
            /** @description What to do about it, for people. */
            detail: string;
            /** @constant */
            status: 415;
            /** @constant */
            title: "The media type is not supported";
            /** @constant */
            type: "urn:orchestrator-workers:problem:unsupported-media-type";
        };
        /** @description Which service answers: `workers-ai`, `openai`, `ollama`, `demo`, or the name of a server that a variable `PROVIDER_NAME_BASE_URL` defines. */
        Provider: string;
        /** @description One `reduce/<number>` step: which texts it condenses, and where its result stands among the answers. */
        Reduction: {
            /** Format: uint32 */
            number: number;
            parts: components["schemas"]["ReductionPart"][];
            /** Format: uint32 */
            round: number;
        };
        /** @description A piece of a step's answer: characters `from` to `to` (exclusive), since one answer alone may be too long. */
        ReductionPart: {
            /** Format: uint */
            from: number;
            step: components["schemas"]["StepName"];
            /** Format: uint */
            to: number;
        };
        /** @description What a restart runs again. */
        Reset: "everything" | {
            steps: components["schemas"]["StepName"][];
        };
        /** @description Where a restart begins. `{}` or no body: with the plan. */
        Restart: {
            from?: components["schemas"]["RestartFrom"] | null;
            /**
             * @description What that step is to do otherwise: it sees what it wrote before. Only where `from` names a step. At most 4 KiB
             *     in UTF-8.
             */
            instructions?: string | null;
        };
        RestartFrom: "failed" | {
            name: components["schemas"]["StepName"];
        };
        /** @description Where the final answer came from. */
        ResultSource: "synthesis" | "answers";
        /** @description Whether a reviewer reads the answer before it is final. */
        Review: "none" | "once";
        /** @description A piece of the answer. The answer is its segments, one after the other. */
        Segment: {
            /** Format: uint */
            from: number;
            /** Format: uint32 */
            number: number;
            /** Format: uint32 */
            run: number;
            step: components["schemas"]["StepName"];
            /** Format: uint */
            to: number;
        } | {
            text: string;
        };
        /** @description The fields of STATUS that `?fields=` names. */
        SelectedStatus: {
            id: components["schemas"]["WithStatus"]["id"];
            status: {
                answer?: components["schemas"]["StatusView"]["answer"];
                end?: components["schemas"]["StatusView"]["end"];
                error?: components["schemas"]["StatusView"]["error"];
                history?: components["schemas"]["StatusView"]["history"];
                metadata?: components["schemas"]["StatusView"]["metadata"];
                mode?: components["schemas"]["StatusView"]["mode"];
                output?: components["schemas"]["StatusView"]["output"];
                parent?: components["schemas"]["StatusView"]["parent"];
                plan?: components["schemas"]["StatusView"]["plan"];
                prompt?: components["schemas"]["StatusView"]["prompt"];
                provider?: components["schemas"]["StatusView"]["provider"];
                purge?: components["schemas"]["StatusView"]["purge"];
                queued?: components["schemas"]["StatusView"]["queued"];
                run?: components["schemas"]["StatusView"]["run"];
                start?: components["schemas"]["StatusView"]["start"];
                status?: components["schemas"]["StatusView"]["status"];
                step_count?: components["schemas"]["StatusView"]["step_count"];
                steps?: components["schemas"]["StatusView"]["steps"];
                stop_reason?: components["schemas"]["StatusView"]["stop_reason"];
                urls?: components["schemas"]["StatusView"]["urls"];
                usage?: components["schemas"]["StatusView"]["usage"];
                warnings?: components["schemas"]["StatusView"]["warnings"];
            };
        };
        /** @description The statuses, in Cloudflare Workflows' words. */
        Status: ("queued" | "running" | "paused" | "complete" | "errored" | "terminated") | "waiting" | "waitingForPause";
        /** @description STATUS: the engine's view with the workflow's URLs. */
        StatusView: {
            /** @description Null until `complete`. */
            answer: components["schemas"]["AnswerView"] | null;
            /**
             * Format: date-time
             * @description ISO 8601 in UTC, with milliseconds.
             */
            end: string | null;
            error: components["schemas"]["ErrorInfo"] | null;
            /** @description The earlier requests and answers, oldest first. Left out of the simple form. */
            history?: components["schemas"]["Exchange"][];
            metadata: {
                [key: string]: string;
            };
            mode: components["schemas"]["ModeView"];
            /**
             * @description Null until `complete`. Where `output_schema` was asked for and no JSON fits it, an errored workflow has its
             *     answer here all the same.
             */
            output: components["schemas"]["OutputView"] | null;
            /** @description The workflow that this one follows up, as it was then. */
            parent: components["schemas"]["ParentView"] | null;
            /** @description Null until there is one. */
            plan?: components["schemas"]["PlanView"] | null;
            /** @description Left out of the simple form, as are `plan`, `steps` and `output.workerResponses`. */
            prompt?: string | null;
            provider: components["schemas"]["Provider"];
            /**
             * Format: date-time
             * @description When all of it is deleted. Null until it has ended.
             */
            purge: string | null;
            /**
             * Format: date-time
             * @description ISO 8601 in UTC, with milliseconds.
             */
            queued: string;
            /** Format: uint32 */
            run: number;
            /**
             * Format: date-time
             * @description ISO 8601 in UTC, with milliseconds.
             */
            start: string | null;
            status: components["schemas"]["Status"];
            /**
             * Format: uint
             * @description Only in the simple form.
             */
            step_count?: number | null;
            steps?: components["schemas"]["StepView"][] | null;
            /** @description Why it is pausing, paused or terminated. Null where a control asked for it. */
            stop_reason: components["schemas"]["StopReason"] | null;
            urls: components["schemas"]["Urls"];
            usage: components["schemas"]["UsageView"];
            warnings: components["schemas"]["WarningView"][];
        };
        /** @description The name of a step. */
        StepName: string;
        /** @description A person's remark on what a step had written. */
        StepRemark: {
            step: components["schemas"]["StepName"];
            text: string;
        };
        /** @description Where a step stands. */
        StepStateView: ("pending" | "running" | "complete" | "errored" | "skipped") | "retrying";
        StepView: {
            attempts: components["schemas"]["AttemptView"][];
            depends_on: components["schemas"]["StepName"][];
            /**
             * Format: date-time
             * @description ISO 8601 in UTC, with milliseconds.
             */
            end: string | null;
            error: components["schemas"]["ErrorInfo"] | null;
            name: components["schemas"]["StepName"];
            /** @description Null until there is one. Left out where `?fields=` does not name `steps.output`. */
            output?: string | null;
            /**
             * Format: date-time
             * @description When a failed attempt is repeated, while the step waits for it.
             */
            retry_at?: string | null;
            /**
             * Format: date-time
             * @description ISO 8601 in UTC, with milliseconds.
             */
            start: string | null;
            state: components["schemas"]["StepStateView"];
            /** @description Null until the step has ended. */
            success: boolean | null;
            title: string;
            /**
             * @description Always `step`, as in Cloudflare Workflows.
             * @constant
             */
            type: "step";
        };
        /** @description Why a workflow is paused or terminated although no control asked for it. */
        StopReason: "no_listener";
        /** @description What to work on, and how. A field that is null counts as absent; an unknown one is refused. */
        Submission: {
            /** @description What two parts touch, and who decides on it. */
            borders?: components["schemas"]["OwnBorder"][] | null;
            /** @description What an expert will check in the answer. Those that no task names belong to the editor. */
            criteria?: string[] | null;
            /**
             * @description The id of a workflow that is complete, whose request and answer this one goes on with. What was said before is
             *     copied, at most 256 KiB of it, so that whatever becomes of that workflow changes nothing here.
             */
            follow_up_to?: components["schemas"]["WorkflowId"] | null;
            form?: components["schemas"]["Form"] | null;
            /**
             * @description The earlier turns of a conversation that the client brings itself, oldest first. At most 256 KiB of them are
             *     kept, the newest, and a warning says what is left out. Not together with `follow_up_to`.
             */
            history?: {
                answer: string;
                request: string;
            }[] | null;
            /** @description The workflow's id. Without one the server makes a UUID. Not together with the header Idempotency-Key. */
            id?: components["schemas"]["NewWorkflowId"] | null;
            /**
             * @description Pairs of strings that STATUS repeats.
             * @default null
             */
            metadata?: {
                [key: string]: string;
            } | null;
            options?: components["schemas"]["SubmissionOptions"] | null;
            /** @description The request, at most 128 KiB in UTF-8. */
            prompt: string;
            /**
             * @description Everything on which the parts must agree, given to every call. `shared`, `borders`, `criteria` and `form` are
             *     only for `tasks` of one's own.
             */
            shared?: string | null;
            /** @description The client's own plan: no planner is called. */
            tasks?: components["schemas"]["TaskDraft"][] | null;
        };
        SubmissionOptions: {
            approval?: components["schemas"]["Approval"] | null;
            /**
             * @description One of `models.big` or `models.small` of `GET /`: the first to be tried. A small model in mode `direct` answers
             *     what needs no more.
             */
            big_model?: string | null;
            /**
             * Format: uint64
             * @description Seconds of one run, except those paused or waiting for approval. At three quarters no further subtask starts.
             */
            deadline_seconds?: number | null;
            /** @description Tone, format, domain: given to all three roles. At most 32 KiB in UTF-8. */
            instructions?: string | null;
            length?: components["schemas"]["Length"] | null;
            /**
             * Format: uint32
             * @description The most model calls at a time; at most the deployment's `MAX_CONCURRENT_CALLS`, which is also the default.
             */
            max_concurrency?: number | null;
            /**
             * Format: uint32
             * @description The most subtasks that the planner may plan.
             * @default 8
             */
            max_subtasks?: number | null;
            mode?: components["schemas"]["Mode"] | null;
            on_disconnect?: components["schemas"]["OnDisconnect"] | null;
            on_subtask_failure?: components["schemas"]["OnSubtaskFailure"] | null;
            /**
             * @description A JSON Schema (2020-12) of at most 64 KiB. The answer is written as text first, then one call more turns it into
             *     JSON that fits, which is validated: `output.structured`. What is not honoured of a schema is refused: references
             *     to other documents, unknown keywords, numbers beyond 9,007,199,254,740,991, and patterns with lookaround or
             *     references back.
             */
            output_schema?: Record<string, never> | boolean | null;
            /**
             * Format: uint64
             * @description Seconds after its end, a minute to a year, at which the workflow is deleted. The default is the deployment's
             *     `RETENTION_DAYS`.
             */
            retention_seconds?: number | null;
            /**
             * @description `once`: one call more of the big model reads the whole answer and corrects it. It is left out near a limit of
             *     the run, and where it fails the answer stands.
             */
            review?: components["schemas"]["Review"] | null;
            /** @description One of `models.small` of `GET /`: the first to be tried. */
            small_model?: string | null;
            /**
             * Format: uint64
             * @description Tokens of all runs together. When three quarters are used no further subtask starts. The default is the
             *     deployment's `WORKFLOW_TOKEN_BUDGET`.
             */
            token_budget?: number | null;
        };
        Submitted: {
            details: components["schemas"]["StatusView"];
            id: components["schemas"]["WorkflowId"];
        };
        SubtaskCounts: {
            /** Format: uint */
            done: number;
            /**
             * Format: uint
             * @description None are planned before there is a plan, and where the request is answered directly.
             */
            planned: number;
        };
        SummaryMode: {
            asked: components["schemas"]["Mode"];
            /** @description Null until there is a plan. */
            chosen: components["schemas"]["PlanMode"] | null;
        };
        /** @description One subtask of a plan. Only a `Plan` hands out tasks whose fields are known to be valid. */
        Task: {
            /** @description The numbers, from 1, of the plan's criteria that this subtask answers for. */
            criteria?: number[];
            /** @description Ids of subtasks whose answers this one needs, without duplicates. */
            depends_on: string[];
            id: string;
            instructions: string;
            model?: components["schemas"]["TaskModel"];
            /** @description One line. */
            title: string;
            /**
             * Format: uint32
             * @description Its share of the length, in words.
             */
            words?: number | null;
        };
        /** @description A subtask: its instructions, or an object. */
        TaskDraft: string | {
            /** @description The numbers, from 1, of the criteria that it answers for. */
            criteria?: number[] | null;
            /** @description Ids of the subtasks whose answers it is given. It starts when they have ended. */
            depends_on?: string[] | null;
            /** @description Other subtasks refer to it. Without one: `t` and the position. */
            id?: string | null;
            /** @description What the subtask has to do, understandable on its own. */
            instructions: string;
            /**
             * @description `big` where the work deserves the model that plans.
             * @enum {unknown}
             */
            model?: "small" | "big" | null;
            /** @description A few words. Without one: the beginning of the instructions. */
            title?: string | null;
            /** @description Its share of the length, in words. */
            words?: number | null;
        };
        /**
         * @description Which list of models works on a subtask.
         * @enum {string}
         */
        TaskModel: "small" | "big";
        TaskView: {
            /** @description Numbers, from 1, of the plan's criteria. */
            criteria: number[];
            depends_on: string[];
            id: string;
            instructions: string;
            model: components["schemas"]["TaskModel"];
            title: string;
            /** Format: uint32 */
            words: number | null;
        };
        /**
         * Format: uint64
         * @description Milliseconds since 1970-01-01T00:00:00Z. Journaled as a number, shown as ISO 8601.
         */
        Timestamp: number;
        /** @description Relative to the origin: behind a proxy nobody knows the public one. */
        Urls: {
            console: string;
            events: string;
            /** @description The workflows that follow this one up. */
            follow_ups: string;
            result: string;
            status: string;
        };
        /** @description The tokens of all attempts of all runs. */
        UsageView: {
            /** Format: uint64 */
            completion_tokens: number;
            /** @description True where any part of it is estimated. */
            estimated: boolean;
            /** Format: uint64 */
            model_calls: number;
            /** Format: uint64 */
            prompt_tokens: number;
            /** Format: uint64 */
            total_tokens: number;
        };
        WarningReason: ("failed" | "truncated" | "skipped" | "limit") | "unknown_finish" | "merged" | "edit_failed" | "assembly" | "length" | "review" | "mode" | "budget";
        WarningView: {
            message: string;
            reason: components["schemas"]["WarningReason"];
            step: components["schemas"]["StepName"];
        };
        WithStatus: {
            id: components["schemas"]["WorkflowId"];
            status: components["schemas"]["StatusView"];
        };
        /** @description The id of a workflow: Cloudflare Workflows' rule. */
        WorkflowId: string;
        /** @description Everything that the run depends on. */
        WorkflowSpec: {
            /** @description In order of preference, never empty. */
            big_models: components["schemas"]["ModelSpec"][];
            /** @description The earlier requests and answers, oldest first: a copy that lives and dies with this workflow. */
            history?: components["schemas"]["Exchange"][];
            id: string;
            /**
             * Format: uint32
             * @description So many of the earliest exchanges that the client brought are left out, because they would be too long. Those
             *     of a parent are counted there.
             */
            left_out?: number;
            /** @description Texts under names of the client's. */
            metadata?: {
                [key: string]: string;
            };
            options: components["schemas"]["Options"];
            /** @description The workflow that this one follows up. */
            parent?: components["schemas"]["Parent"] | null;
            policy: components["schemas"]["Policy"];
            prompt: string;
            /** @description `MODEL_PROVIDER` at the time: what STATUS shows. */
            provider: components["schemas"]["Provider"];
            small_models: components["schemas"]["ModelSpec"][];
            /** @description The client's own plan: no planner is called. */
            tasks?: components["schemas"]["Plan"] | null;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
