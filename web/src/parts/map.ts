/*
 * The map of the counties, as GeoJSON whose features have their county's code in `properties.code`: the approved map that
 * the bureau loaded, else tiles by the pack's schematic, which shows who is whose neighbour and no borders.
 */
import { shallowRef } from 'vue'
import { api } from '@/api/client'
import type { MapState } from '@/api/schema'

export interface Tile {
	code: string
	name: string | null
	row: number
	col: number
}
type Feature = { type: 'Feature'; properties: Record<string, unknown>; geometry: { type: string; coordinates: unknown } }
export interface CountyMap {
	geo: { type: 'FeatureCollection'; features: Feature[] }
	/** Of a degree of longitude to one of latitude on the screen. */
	aspect: number
	/** Approval number; null: the schematic. */
	approval: string | null
}

const GAP = 0.03
/** Loaded once; after a change of the map: forgetMap(). */
const kept = shallowRef<CountyMap | null>(null)

function schematic(tiles: readonly Tile[]): CountyMap {
	const features = tiles.map(({ code, row, col }): Feature => {
		const [w, e, s, n] = [col + GAP, col + 1 - GAP, -row - 1 + GAP, -row - GAP]
		return {
			type: 'Feature',
			properties: { code },
			geometry: { type: 'Polygon', coordinates: [[[w, s], [e, s], [e, n], [w, n], [w, s]]] },
		}
	})
	return { geo: { type: 'FeatureCollection', features }, aspect: 1.5, approval: null }
}

export function forgetMap() {
	kept.value = null
}

export async function countyMap(tiles: readonly Tile[], signal?: AbortSignal): Promise<CountyMap> {
	if (kept.value) return kept.value
	const { map } = await api.get<MapState>('/api/map', { signal })
	if (!map) return (kept.value = schematic(tiles))
	const geo = await api.get<CountyMap['geo']>('/api/map/areas', { signal })
	for (const f of geo.features) f.properties.code = String(f.properties[map.property])
	// Degrees of longitude shrink with the cosine of the latitude: about 37 degrees here, and near enough in the whole country.
	return (kept.value = { geo, aspect: 0.78, approval: map.approval })
}
