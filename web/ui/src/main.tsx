import { render } from "preact";
import { App } from "./app";
import { ahead } from "./lib/data";
import { listen, whoAmI } from "./lib/session";
import "./style/tokens.css";
import "./style/base.css";
import "./style/parts.css";
import "./style/shell.css";

render(<App />, document.getElementById("app")!);
const begin = () => whoAmI().then(() => { listen(); ahead("/api/v1/jobs").catch(() => undefined); }, () => setTimeout(begin, 2000));
void begin();
