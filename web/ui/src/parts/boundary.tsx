// What is shown of a view that broke: its address may be what nobody has thought of.
import { Component, type ComponentChildren } from "preact";
import { Head } from "./card";

export class Boundary extends Component<{ at: string; children: ComponentChildren }, { error?: unknown }> {
  static override getDerivedStateFromError(error: unknown) { return { error }; }

  override componentDidUpdate(before: { at: string }) {
    if (this.state.error !== undefined && before.at !== this.props.at) this.setState({ error: undefined });
  }

  override render() {
    const { error } = this.state;
    if (error === undefined) return this.props.children;
    return <>
      <Head title="This view broke" about={<>It is a fault of the dashboard. <a href="/">To the overview</a></>} />
      <div class="note bad" role="alert"><p class="grow">{error instanceof Error ? error.message : String(error)}</p><button class="btn" type="button" onClick={() => this.setState({ error: undefined })}>Try again</button></div>
    </>;
  }
}
