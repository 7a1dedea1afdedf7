// A visit of a page, with which nothing may be wrong at the end.
import assert from "node:assert/strict";
import { open } from "./browser.mjs";

/** visit has a page do something, and nothing be wrong with it. */
export async function visit(browser, service, options, does) {
  const tab = await open(browser, service, options);
  tab.page.setDefaultTimeout(20000);
  try {
    await does(tab.page, tab);
    assert.deepEqual(tab.complaints, []);
  } finally {
    await tab.context.close();
  }
}

/** forgive takes out complaints that a test has brought about: a browser writes of every answer that is an error. */
export function forgive(complaints, what) {
  complaints.splice(0, complaints.length, ...complaints.filter((c) => !what.test(c)));
}
