import "@fontsource-variable/inter/wght.css";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/controls.css";
import "./styles/headline.css";
import "./styles/bridge.css";
import "./styles/operations.css";

import { mount } from "svelte";

import App from "./App.svelte";
import { createBackend } from "./lib/backend";

const target = document.getElementById("app");
if (!target) throw new Error("the page has no place for the application");

const backend = await createBackend();
mount(App, { target, props: { backend } });
