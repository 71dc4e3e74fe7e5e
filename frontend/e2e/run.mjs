// The page in a real browser. Against a real AMQ2API: AMQ2API_URL and AMQ2API_ADMIN_TOKEN; without them against the fake alone. SHOTS is
// a folder for pictures, CHROMIUM the browser, AMQ2API_PROGRAM a program to start for what needs one of its own.
import { accounts, accountStates } from './accounts.mjs';
import { attacks } from './attacks.mjs';
import { backups } from './backups.mjs';
import { baselines } from './baselines.mjs';
import { finish, launch } from './browser.mjs';
import { connect } from './connect.mjs';
import { connecting } from './connecting.mjs';
import { connectStates } from './connectstates.mjs';
import { listen } from './fake-admin.mjs';
import { flows } from './flows.mjs';
import { injection } from './injection.mjs';
import { keys } from './keys.mjs';
import { onboarding } from './onboarding.mjs';
import { playground } from './playground.mjs';
import { shell, shellStates } from './shell.mjs';
import { signIn } from './signin.mjs';
import { states } from './states.mjs';
import { words } from './words.mjs';

const browser = await launch();
const { AMQ2API_URL: url, AMQ2API_ADMIN_TOKEN: token, AMQ2API_PROGRAM: program } = process.env;
if (url) {
  const real = { url: url.replace(/\/$/, ''), token };
  await flows(browser, real);
  await playground(browser, real);
  await signIn(browser, real);
  await shell(browser, real);
  await accounts(browser, real);
  await keys(browser, real);
  await backups(browser, real);
  await attacks(browser, real);
  await connect(browser, real);
  await connecting(browser, real);
  await onboarding(browser, real);
  await words(browser, real);
} else {
  const fake = await listen();
  await flows(browser, fake);
  fake.close();
}
if (program) await injection(browser, program);
await accountStates(browser);
await connectStates(browser);
await states(browser);
await shellStates(browser);
await baselines(browser);
await browser.close();
process.exit(finish());
