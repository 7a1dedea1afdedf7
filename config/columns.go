package config

import "strings"

// Columns are the names of columns in the files of an input, as in --columns of
// score: time=TS,device=Device. In a file they can also be a mapping, ColumnNames.
type Columns string

// ColumnNames are names of columns; an empty one is found by its usual names.
type ColumnNames struct {
	Time   string `json:"time,omitempty" doc:"column of the time"`
	Device string `json:"device,omitempty" doc:"column of the device"`
	Tag    string `json:"tag,omitempty" doc:"column of the tag"`
	Value  string `json:"value,omitempty" doc:"column of the value"`
}

// Columns are the names in one text.
func (c ColumnNames) Columns() Columns {
	var parts []string
	for _, column := range []struct{ role, name string }{{"time", c.Time}, {"device", c.Device}, {"tag", c.Tag}, {"value", c.Value}} {
		name := column.name
		if strings.ContainsAny(name, `,"`) || strings.TrimSpace(name) != name {
			name = `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
		}
		if name != "" {
			parts = append(parts, column.role+"="+name)
		}
	}
	return Columns(strings.Join(parts, ","))
}
