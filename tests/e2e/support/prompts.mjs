// Prompts that more than one test gives the demo.

/** Three subtasks side by side, and a fourth that needs them. */
export const CONFERENCE = `Plan a small conference:
- Find three venues
- Draft a schedule
- Estimate the costs
- Then compare the venues based on the costs`;
