import os from "node:os"; import path from "node:path"; import { mkdtempSync } from "node:fs";
import { findChromium } from "./scripts/setup/chromium.mjs";
import { chromium } from "playwright-core";
import { startWorker } from "./tests/e2e/harness/miniflare.mjs";
const FLAGS="--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";
const worker = await startWorker({ stateDir: mkdtempSync(path.join(os.tmpdir(),"shots-")) });
const browser = await chromium.launch({ executablePath: findChromium(), args: FLAGS.split(" ") });
const post = async (b) => (await (await fetch(`${worker.url}/workflows`,{method:"POST",headers:{"content-type":"application/json"},body:JSON.stringify(b)})).json()).id;
const P="Plan a conference:\n- Find venues\n- Draft a schedule\n- Then compare the costs";
const a = await post({prompt:P, options:{review:"once"}});
const st = async (id) => (await (await fetch(`${worker.url}/workflows/${id}?fields=status`)).json()).status.status;
const end = async (id) => { for(let i=0;i<400;i++){ if(["complete","errored"].includes(await st(id))) return; await new Promise(r=>setTimeout(r,100)); } };
await end(a);
const b = await post({prompt:"And the roads?", follow_up_to:a}); await end(b);
const c = await post({prompt:"Make it shorter", follow_up_to:b}); await end(c);
for (const [n,v] of [["d",{viewport:{width:1280,height:900}}],["p",{viewport:{width:375,height:800},hasTouch:true,isMobile:true}]]) {
  const page = await (await browser.newContext({...v, colorScheme:n==="d"?"dark":"light"})).newPage();
  await page.goto(`${worker.url}/${a}`); await page.locator(".follow-up").waitFor(); await page.screenshot({path:`/tmp/wt/c-${n}1.png`, fullPage:true});
  await page.getByRole("button",{name:"Changes of the review"}).click(); await page.waitForTimeout(300); await page.screenshot({path:`/tmp/wt/c-${n}2.png`, fullPage:true});
  await page.goto(`${worker.url}/${c}`); await page.locator(".follow-up").waitFor(); await page.waitForTimeout(500); await page.screenshot({path:`/tmp/wt/c-${n}3.png`, fullPage:true});
  await page.locator('[data-lane="synthesis"]').waitFor();
  await page.goto(`${worker.url}/${a}#subtask/t1`); await page.getByText("Say what it should").click(); await page.screenshot({path:`/tmp/wt/c-${n}4.png`, fullPage:true});
  await page.goto(`${worker.url}/`); await page.locator("summary",{hasText:"Options"}).click(); await page.screenshot({path:`/tmp/wt/c-${n}5.png`, fullPage:true});
}
await browser.close(); await worker.stop();
