// Package tile says what became of every sensor of a fleet in an interval, a byte
// each, so that a million sensors are told at a glance, without their predictions.
//
//	err := tile.Write(ctx, s, fleet.TileKey(job, interval, rev), entries)
//	t, err := tile.Read(ctx, s, fleet.TileKey(job, interval, rev))
//	entry, ok := t.Find(fleet.Sensor{Device: "pump-7", Tag: "temperature"})
//
// # Tile
//
// A tile begins with a line of JSON: version, the number of sensors and the key of
// their roster. Two planes follow, with a byte for each sensor in the order of
// the roster: its Fate, and its Cost.
//
// # Roster
//
// The names are in rosters, tiles/rosters/<SHA-256 of what it holds>.roster, that
// tiles share: it is written when sensors come or go. A roster is compressed with
// zstd. Sensors are sorted by device, then tag; each is how many bytes it has in
// common with the one before, how many follow, and those (numbers are unsigned
// varints). What is so written is the device, the byte 0xff, and the tag.
//
// # Entries
//
// AppendEntries writes the same in one piece, not compressed, as results of tasks
// hold it: the number of sensors, the names as in a roster, the two planes.
package tile
