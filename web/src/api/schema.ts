// Written by tools/types.mjs from docs/openapi.json; not by hand.

export interface Problem {
	type: string
	title: string
	status: number
	detail?: string
	request: string
	errors: ProblemError[]
}

export interface ProblemError {
	path: string
	detail: string
}

export interface About {
	title: string
	is_demo: boolean
	version: string
	city: CodeName | null
}

export interface CodeName {
	code: string
	name: string
}

export interface Orgs {
	items: Org[]
	next: string | null
}

export interface Org {
	code: string
	name: string
	kind: string
	kind_title: string
	parent: string | null
	county: string | null
	town: string | null
	state: string
	opened_on: string | null
	closed_on: string | null
	lon: number | null
	lat: number | null
	has_children: boolean
}

export interface OrgWhole {
	code: string
	name: string
	kind: string
	path: OrgStep[]
	events: OrgEvent[]
}

export interface OrgStep {
	code: string
	name: string
	kind: string
}

export interface OrgEvent {
	kind: string
	on: string
	old: string
	new: string
}

export interface Packs {
	items: Pack[]
}

export interface Pack {
	id: string
	title: string
	version: string
	installed_at: string
	files: number
}

export interface PackFiles {
	items: PackFile[]
}

export interface PackFile {
	path: string
	size: number
}

export interface SignIn {
	login: string
	password: string
	code?: string | null
}

export interface Session {
	login: string
	name: string
	org: OrgRef | null
	csrf: string
	expires_at: string
	idle_minutes: number
	must_change_password: boolean
	has_second_factor: boolean
	roles: HeldRole[]
	can: Can
}

export interface OrgRef {
	code: string
	name: string
}

export interface HeldRole {
	role: string
	title: string
	org: string
}

export interface Can {
	ledgers: Record<string, unknown>
	resources: Record<string, unknown>
}

export interface PasswordChange {
	old: string
	new: string
}

export interface SecondFactorOffer {
	secret: string
	uri: string
}

export interface SecondFactorCode {
	secret: string
	code: string
}

export interface PasswordProof {
	password: string
}

export interface Tokens {
	items: Token[]
}

export interface Token {
	id: string
	name: string
	created_at: string
	expires_at: string
	used_at: string | null
}

export interface TokenRequest {
	name: string
	days: number
}

export interface TokenMade {
	id: string
	token: string
	expires_at: string
}

export interface Users {
	items: User[]
	next: string | null
}

export interface User {
	login: string
	name: string
	org: string
	org_name: string | null
	state: string
	locked_until: string | null
	roles: UserRole[]
	must_change_password: boolean
	password_at: string
	has_second_factor: boolean
	last_sign_in_at: string | null
	version: number
	password?: string
}

export interface UserRole {
	role: string
	title: string
	org: string
}

export interface NewUser {
	login: string
	name: string
	org: string
	password?: string | null
}

export interface UserChange {
	name?: string
	org?: string
}

export interface RoleGrants {
	roles: RoleGrant[]
}

export interface RoleGrant {
	role: string
	org: string
}

export interface Roles {
	items: Role[]
}

export interface Role {
	id: string
	title: string
	help: string | null
	excludes: string[]
	org_kinds: string[]
	grants: Grant[]
}

export interface Grant {
	on: string[]
	may: string[]
	scope: string
	where: string | null
	unseal: string[]
}

export interface PasswordRules {
	password_min_length: number
	password_classes: number
	password_days: number
	password_former: number
	failures_max: number
	lock_minutes: number
	idle_minutes: number
	session_hours: number
}

export interface PasswordRulesChange {
	password_min_length: number
	password_classes: number
	password_days: number
	password_former: number
	failures_max: number
	lock_minutes: number
	idle_minutes: number
	session_hours: number
}

export interface Permissions {
	actions: string[]
	resources: Resource[]
	roles: MatrixRole[]
}

export interface Resource {
	id: string
	title: string
	kind: string
	theme: string | null
}

export interface MatrixRole {
	id: string
	title: string
	cells: Record<string, unknown>
}

export interface AuditPage {
	items: AuditEntry[]
	next: string | null
}

export interface AuditEntry {
	seq: string
	at: string
	who: string
	action: string
	object: string
	detail: string
	hash: string
}

export interface AuditState {
	ok: boolean
	entries: number
	head: string
	broken_at: string | null
	reason: string | null
}

export interface Backups {
	items: Backup[]
}

export interface Backup {
	name: string
	size: number
	made_at: string
	schema: number
	sha256: string
}

export interface Job {
	id: string
	kind: string
	title: string
	state: "queued" | "running" | "done" | "failed" | "cancelled"
	done: number
	total: number | null
	made_at: string
	started_at: string | null
	ended_at: string | null
	by: string
	error: string | null
	result: string | null
}

export interface MapState {
	map: Map | null
}

export interface Map {
	approval: string
	file: string
	coordinates: string
	property: string
	areas: number
	points: number
	turned_rings: number
	size: number
	sha256: string
	loaded_at: string
	loaded_by: string
	version: string
}

export interface Ledgers {
	items: LedgerItem[]
}

export interface LedgerItem {
	id: string
	title: string
	theme: string | null
	period: string
	latest_period: string | null
	row_count: number
	flow: string | null
	can: string[]
}

export interface Ledger {
	id: string
	title: string
	theme: string | null
	help: string | null
	source: string | null
	filled_by: string | null
	period: string
	grain: string[]
	org_kinds: string[]
	label: string | null
	flow: string | null
	periods: string[]
	can: string[]
	fields: Field[]
	checks: Check[]
}

export interface Field {
	name: string
	title: string
	type: string
	unit: string | null
	scale: number
	help: string | null
	source: string | null
	required: boolean
	unique: boolean
	minimum: string | null
	maximum: string | null
	min_length: number | null
	max_length: number | null
	pattern: string | null
	choices: string[] | null
	codes: Code[] | null
	codes_id: string | null
	initial: string | null
	is_key: boolean
	is_org: boolean
	is_period: boolean
	from_org: string | null
	is_derived: boolean
	secrecy: string
	is_masked: boolean
	can_sort: boolean
	can_sum: boolean
	can_unseal: boolean
}

export interface Code {
	code: string
	title: string
}

export interface Check {
	rule: string
	message: string
	level: string
	source: string | null
}

export interface Codes {
	items: Code[]
}

export interface Rows {
	items: Row[]
	next: string | null
	period: string | null
	count?: number
	totals?: Record<string, unknown>
}

export interface Row {
	id: string
	version: number
	org: CodeName | null
	county: string | null
	period: string | null
	state: string
	updated_at: string
	updated_by: string
	import: string | null
	label: string
	values: Record<string, unknown>
	masked: string[]
}

export interface RowHistory {
	items: RowVersion[]
}

export interface RowVersion {
	version: number
	at: string
	by: string
	import: string | null
	how: string
	values: Record<string, unknown>
	changed: string[]
}

export interface RowNew {
	org?: string | null
	period?: string | null
	values: Record<string, unknown>
}

export interface RowChecked {
	ok: boolean
	errors: RowProblem[]
	warnings: RowProblem[]
}

export interface RowProblem {
	path: string
	detail: string
}

export interface RowChange {
	values: Record<string, unknown>
}

export interface UnsealRequest {
	fields: string[]
	reason: string
}

export interface Unsealed {
	values: Record<string, unknown>
}

export interface ImportOutcome {
	ok: boolean
	import: string | null
	file: string
	header_row: number
	rows_total: number
	rows_new: number
	rows_changed: number
	rows_same: number
	blank_cells: number
	columns: ImportColumn[]
	missing: string[]
	error_count: number
	warning_count: number
	problems: CellProblem[]
	detail: string | null
}

export interface ImportColumn {
	column: string
	header: string
	field: string | null
	title: string | null
}

export interface CellProblem {
	row: number
	column: string | null
	cell: string | null
	title: string
	value: string
	text: string
	is_warning: boolean
}

export interface Imports {
	items: Import[]
}

export interface Import {
	id: string
	ledger: string
	title: string
	file: string
	period: string | null
	started_at: string
	ended_at: string
	by: string
	rows_total: number
	rows_new: number
	rows_changed: number
	rows_same: number
	state: string
	can_undo: boolean
}

export interface Indicators {
	period: string | null
	org: string | null
	themes: IndicatorTheme[]
}

export interface IndicatorTheme {
	theme: string
	items: IndicatorItem[]
}

export interface IndicatorItem {
	id: string
	title: string
	unit: string | null
	decimals: number
	better: string
	state: string
	value: number | null
	rows: number
}

export interface Indicator {
	id: string
	title: string
	help: string | null
	theme: string | null
	unit: string | null
	decimals: number
	better: string
	source: string | null
	defined: string
	period: string | null
	org: string | null
	state: string
	value: number | null
	numerator: number
	denominator: number
	rows: number
	formula: Formula
	explanation: Explanation
	by: string | null
	can_split_by: string[]
	groups: IndicatorGroup[]
}

export interface Formula {
	numerator: string
	denominator: string | null
	per: string
	from: string
	denominator_from: string | null
}

export interface Explanation {
	numerator: string
	denominator: string | null
}

export interface IndicatorGroup {
	group: string
	name: string | null
	state: string
	value: number | null
	numerator: number
	denominator: number
	rows: number
}

export interface Trend {
	items: TrendPoint[]
}

export interface TrendPoint {
	period: string
	state: string
	value: number | null
	numerator: number
	denominator: number
}

export interface IndicatorRows {
	ledger: string
	title: string
	part: string
	period: string | null
	count: number
	items: Row[]
	adds: Record<string, unknown>
	next: string | null
}

export interface Evaluations {
	items: EvaluationItem[]
}

export interface EvaluationItem {
	id: string
	title: string
	source: string | null
	effective_from: string | null
}

export interface Evaluation {
	id: string
	title: string
	source: string | null
	period: string | null
	clauses: ClauseColumn[]
	areas: EvaluationArea[]
}

export interface ClauseColumn {
	id: string
	title: string
	group: string | null
	is_information: boolean
	is_part: boolean
	source: string | null
}

export interface EvaluationArea {
	code: string
	name: string | null
	verdict: string
	units: number
	units_failed: number
	cells: ClauseCell[]
}

export interface ClauseCell {
	clause: string
	verdict: string
	value: number | null
	op: string | null
	limit: number | null
	short_by: number | null
	unit: string | null
}

export interface EvaluatedCounty {
	evaluation: string
	county: string
	period: string | null
	verdict: string
	clauses: unknown
	schools: unknown
}

export interface ClauseExplanation {
	explanation: string
}

export interface EvaluatedUnit {
	org: CodeName
	area: CodeName
	measures: UnitMeasure[]
	units: unknown
	rows: RowId[]
}

export interface UnitMeasure {
	id: string
	title: string
	unit: string | null
	resource: string | null
}

export interface RowId {
	ledger: string
	id: string
}

export interface WhatIfAsked {
	area: string
	period?: string | null
	changes: WhatIfChange[]
}

export interface WhatIfChange {
	ledger: string
	key: Record<string, unknown>
	values: Record<string, unknown>
}

export interface WhatIf {
	before: EvaluatedCounty
	after: EvaluatedCounty
	changed_clauses: ChangedClause[]
}

export interface ChangedClause {
	id: string
	before: string | null
	after: string | null
}

export interface Scenarios {
	items: ScenarioItem[]
	next: string | null
}

export interface ScenarioItem {
	id: string
	name: string
	evaluation: string
	area: string
	period: string | null
	made_by: string
	made_at: string
	updated_at: string
	version: number
	verdict: string
}

export interface ScenarioNew {
	name: string
	evaluation: string
	area: string
	period?: string | null
	changes: WhatIfChange[]
}

export interface Scenario {
	id: string
	name: string
	evaluation: string
	area: string
	period: string | null
	made_by: string
	made_at: string
	updated_at: string
	version: number
	verdict: string
	changes: WhatIfChange[]
	result: WhatIf | null
	problem: string | null
}

export interface ScenarioEdit {
	name: string
	period?: string | null
	changes: WhatIfChange[]
}

export interface ScenariosCompared {
	ids: string[]
}

export interface Comparison {
	clauses: ComparedClause[]
	columns: ComparedColumn[]
}

export interface ComparedClause {
	id: string
	title: string
}

export interface ComparedColumn {
	id: string | null
	name: string | null
	verdict: string | null
	problem: string | null
	cells: ClauseCell[]
}

export interface Promises {
	items: PromiseItem[]
}

export interface PromiseItem {
	id: string
	title: string
	quote: string | null
	owner: string | null
	due: string | null
	days_left: number | null
	indicator: string | null
	evaluation: string | null
	period: string | null
	op: string | null
	target: number | null
	value: number | null
	unit: string | null
	state: string
	share: number | null
	note: string | null
	areas?: PromiseArea[]
	path?: PromisePoint[]
}

export interface PromiseArea {
	code: string
	name: string | null
	state: string
	value: number | null
}

export interface PromisePoint {
	period: string
	value: number | null
}

export interface PromiseWhole {
	id: string
	title: string
	quote: string | null
	owner: string | null
	due: string | null
	days_left: number | null
	indicator: string | null
	evaluation: string | null
	period: string | null
	op: string | null
	target: number | null
	value: number | null
	unit: string | null
	state: string
	share: number | null
	note: string | null
	areas: PromiseArea[]
	path: PromisePoint[]
}

export interface Overview {
	city: CodeName | null
	is_demo: boolean
	period: string | null
	schematic: SchematicTile[]
	evaluations: OverviewEvaluation[]
	promises: Promise[]
	indicators: OverviewIndicator[]
	changes: Change[]
	todo: Todo[]
}

export interface SchematicTile {
	code: string
	name: string | null
	row: number
	col: number
}

export interface OverviewEvaluation {
	id: string
	title: string
	areas: AreaStanding[]
}

export interface AreaStanding {
	code: string
	name: string | null
	verdict: string
	pass: number
	fail: number
	missing: number
	undefined: number
}

export interface Promise {
	id: string
	title: string
	quote: string | null
	owner: string | null
	due: string | null
	days_left: number | null
	indicator: string | null
	evaluation: string | null
	period: string | null
	op: string | null
	target: number | null
	value: number | null
	unit: string | null
	state: string
	share: number | null
	note: string | null
}

export interface OverviewIndicator {
	id: string
	title: string
	theme: string | null
	unit: string | null
	decimals: number
	better: string
	state: string
	value: number | null
	areas: IndicatorArea[]
}

export interface IndicatorArea {
	code: string
	name: string | null
	state: string
	value: number | null
}

export interface Change {
	at: string
	who: string
	ledger: string
	title: string
	import: string | null
	rows_new: number
	rows_changed: number
}

export interface Todo {
	kind: string
	title: string
	count: number
	href: string
}

export interface Jobs {
	items: Job[]
	next: string | null
}

export interface JobResult {
	ok?: boolean
}

export interface Plans {
	items: PlanItem[]
	next: string | null
}

export interface PlanItem {
	id: string
	name: string
	kind: string
	area: string
	area_name: string | null
	period: string | null
	state: string
	state_title: string | null
	note: string | null
	moved_by: string | null
	made_by: string
	made_at: string
	updated_at: string
	version: number
	headline: PlanHeadline
}

export interface PlanHeadline {
	unit: string | null
	cost: number | null
	cost_before: number | null
	bound: number | null
	gap: number | null
	seconds: number
	is_whole: boolean
	problem: string | null
	proposed: number
}

export interface PlanNew {
	name: string
	kind: "places" | "teachers" | "pass" | "forecast" | "curve" | "zone"
	area: string
	period?: string | null
	stage?: string | null
	weights: PlanWeight[]
	changes: PlanChange[]
	additions?: PlanAddition[]
	budget?: number | null
	growth?: number | null
	move_percent?: number
	years?: number
}

export interface PlanWeight {
	parameter: string
	key?: string | null
	value: number
}

export interface PlanChange {
	type: string
	code?: string | null
	stage?: string | null
	value?: string | null
	to?: string | null
	town?: string | null
	to_town?: string | null
	year?: string | null
	grades?: string | null
	measure?: string | null
}

export interface PlanAddition {
	stage: string
	places: number
}

export interface Plan {
	id: string
	name: string
	kind: string
	area: string
	area_name: string | null
	period: string | null
	state: string
	state_title: string | null
	note: string | null
	moved_by: string | null
	made_by: string
	made_at: string
	updated_at: string
	version: number
	headline: PlanHeadline
	can_drop: boolean
	moves: PlanMove[]
	request: PlanNew
	result: PlanResult
}

export interface PlanMove {
	id: string
	title: string
	to: string
	needs: string[]
}

export interface PlanResult {
	unit: string | null
	cost: number | null
	cost_before: number | null
	bound: number | null
	gap: number | null
	seconds: number
	is_whole: boolean
	problem: string | null
	proposed: number
	figures: PlanFigure[]
	rows: PlanRow[]
	points: PlanPoint[]
	shifts: PlanShift[]
	futures: PlanFuture[]
	steps?: PlanStep[]
	years?: PlanYear[]
	curve?: PlanCurvePoint[]
}

export interface PlanFigure {
	county: string
	county_name: string | null
	stage: string | null
	measure: string | null
	measure_title: string | null
	figure: string
	before: number | null
	after: number | null
	limit: number | null
}

export interface PlanRow {
	county: string
	county_name: string | null
	item: string
	name: string | null
	action: string
	stage: string | null
	subject: string | null
	measure: string | null
	measure_title: string | null
	from: string | null
	from_name: string | null
	to: string | null
	to_name: string | null
	once: string | null
	saving: string | null
	reason: string | null
	is_proposed: boolean
}

export interface PlanPoint {
	code: string
	name: string | null
	zone?: string | null
	county: string
	what: string
	action: string
	lon: number
	lat: number
	size: number
}

export interface PlanShift {
	code: string
	name: string | null
	county: string
	county_name: string | null
	stage: string
	from: string | null
	from_name: string | null
	to: string | null
	to_name: string | null
	people: number
	minutes: number | null
	year?: number | null
	reason?: string | null
}

export interface PlanFuture {
	county: string
	county_name: string | null
	stage: string
	year: number
	value: number
	low: number | null
	high: number | null
	is_past: boolean
}

export interface PlanStep {
	county: string
	county_name: string | null
	item: string
	name: string | null
	year: number
	action: string
	stage: string | null
	measure: string | null
	measure_title: string | null
	from: string | null
	to: string | null
	into: string | null
	into_name: string | null
	once: string | null
	reason: string | null
}

export interface PlanYear {
	county: string
	county_name: string | null
	stage: string | null
	year: number
	figure: string
	value: number | null
}

export interface PlanCurvePoint {
	weight: number
	money: number
	travel: number
	mean_km: number
	sites: number
	opened: number
	closed: number
	unmet: number
	gap: number
}

export interface PlanOptions {
	kinds: PlanKind[]
	areas: CodeName[]
	stages: PlanStage[]
}

export interface PlanKind {
	kind: string
	parameters: PlanParameter[]
}

export interface PlanParameter {
	id: string
	title: string
	unit: string | null
	by: string | null
	source: string | null
	is_law: boolean
	values: PlanParameterValue[]
}

export interface PlanParameterValue {
	key: string | null
	title: string | null
	value: number
}

export interface PlanStage {
	id: string
	title: string
}

export interface PlansToCompare {
	ids: string[]
}

export interface PlanComparison {
	plans: PlanItem[]
	figures: PlanComparedFigure[]
	rows: PlanComparedRow[]
}

export interface PlanComparedFigure {
	county: string
	county_name: string | null
	stage: string | null
	measure_title: string | null
	figure: string
	before: number | null
	differs: boolean
	plans: PlanAfter[]
}

export interface PlanAfter {
	after: number | null
}

export interface PlanComparedRow {
	county: string
	county_name: string | null
	item: string
	name: string | null
	stage: string | null
	measure_title: string | null
	from: string | null
	from_name: string | null
	differs: boolean
	cells: PlanSlot[]
}

export interface PlanSlot {
	is: PlanCell | null
}

export interface PlanCell {
	action: string
	to: string | null
	to_name: string | null
	once: string | null
	reason: string | null
}

export interface PlanMoved {
	move: string
	note?: string | null
}
