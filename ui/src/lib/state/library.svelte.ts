import { ApiError, type Backend, requestId } from "../backend";
import type { Annotation, EngagementInfo, SavedView } from "../backend/commands";
import type { AnnotationRequest } from "../bindings/AnnotationRequest";
import type { CalculatedMeasure } from "../bindings/CalculatedMeasure";
import type { CalculatedMeasureRequest } from "../bindings/CalculatedMeasureRequest";
import { fromAddress, toAddress } from "../view/address";
import type { ViewParams } from "../view/view";

const TREND_MAX = 400;

/** What the analyst keeps in the engagement: views by name, remarks on days and on values, and measures of their own. */
export class Library {
  views = $state.raw<readonly SavedView[]>([]);
  /** Why files of views cannot be read. */
  problems = $state.raw<readonly string[]>([]);
  annotations = $state.raw<readonly Annotation[]>([]);
  measures = $state.raw<readonly CalculatedMeasure[]>([]);
  /** Why the file of measures cannot be read. */
  measuresProblem = $state<string | null>(null);
  /** Rises when a measure gets another name: answers carry their names. */
  version = $state(0);
  /** The trend that is shown, for the small picture of a view that is saved. */
  trend: readonly (string | null)[] = [];
  #path = "";
  readonly #backend: Backend;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  async begin(engagement: EngagementInfo): Promise<void> {
    if (this.#path === engagement.path) return;
    const { path } = engagement;
    this.#path = path;
    this.views = [];
    this.annotations = [];
    this.measures = [];
    this.trend = [];
    await this.#listMeasures(path);
    const [found, annotations] = await Promise.all([
      this.#backend.rpc("views", {}),
      this.#backend.rpc("annotations", {}),
    ]);
    if (this.#path !== path) return;
    this.views = found.views;
    this.problems = found.problems;
    this.annotations = annotations;
  }

  async save(name: string, view: ViewParams): Promise<void> {
    const trend = this.trend.slice(0, TREND_MAX).map((value) => value ?? "");
    const request = { name, address: toAddress(view).slice(1), trend: [...trend] };
    const found = await this.#backend.rpc("view_save", request, requestId());
    this.views = found.views;
    this.problems = found.problems;
  }

  async remove(name: string): Promise<void> {
    const found = await this.#backend.rpc("view_delete", { name }, requestId());
    this.views = found.views;
    this.problems = found.problems;
  }

  /** What a kept view shows; an address that cannot be read shows the usual view. */
  viewOf(saved: SavedView): ViewParams {
    return fromAddress(saved.address);
  }

  async annotate(request: AnnotationRequest): Promise<void> {
    this.annotations = await this.#backend.rpc("annotation_set", request, requestId());
  }

  async #listMeasures(path: string): Promise<void> {
    try {
      const found = await this.#backend.rpc("calculated_measures", {});
      if (this.#path === path) [this.measures, this.measuresProblem] = [found, null];
    } catch (thrown) {
      this.measuresProblem = ApiError.from(thrown).message;
    }
  }

  async defineMeasure(request: CalculatedMeasureRequest): Promise<void> {
    this.measures = await this.#backend.rpc("calculated_measure_set", request, requestId());
    this.version += 1;
  }

  async removeMeasure(name: string): Promise<void> {
    this.measures = await this.#backend.rpc("calculated_measure_delete", { name }, requestId());
    this.version += 1;
  }

  /** The remarks on a value of a dimension. */
  on(dimension: string, value: string | null): readonly Annotation[] {
    return this.annotations.filter(
      (annotation) => annotation.dimension === dimension && (annotation.value ?? null) === value,
    );
  }
}
