package config

import "go.yaml.in/yaml/v3"

// entry is a key of a mapping and its value.
type entry struct {
	key   string
	value *yaml.Node
	at    place
}

// maxMerges is how deep mappings may be merged into one another.
const maxMerges = 16

// entries lists what is in a mapping, and after that what is merged into it (<<).
func (d *decoder) entries(n *yaml.Node, path string, at place) []entry {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if isNull(n) && at.variable == "" {
		return nil // all its lines are comments
	}
	if n.Kind != yaml.MappingNode {
		d.add(at, path, "must be settings, one a line below it, not %s", kind(n))
		return nil
	}
	seen := map[string]int{}
	return d.merge(nil, n, seen, path, at, 0)
}

func (d *decoder) merge(list []entry, n *yaml.Node, seen map[string]int, path string, at place, depth int) []entry {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if depth > maxMerges {
		d.add(at, path, "merges with << more than %d deep", maxMerges)
		return list
	}
	if n.Kind != yaml.MappingNode {
		d.add(at, path, "<< must be an alias of a mapping, such as <<: *name, or a list of them, not %s", kind(n))
		return list
	}
	var merged []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		if d.nodes++; d.nodes > maxNodes {
			return list
		}
		key, value := n.Content[i], n.Content[i+1]
		here := place{file: at.file, line: key.Line}
		if key.Kind == yaml.AliasNode {
			key = key.Alias
		}
		if key.Kind != yaml.ScalarNode {
			d.add(here, path, "a key must be text, not %s", kind(key))
			continue
		}
		if key.ShortTag() == "!!merge" {
			merged = append(merged, value)
			continue
		}
		if line, again := seen[key.Value]; again {
			if depth == 0 {
				d.add(here, join(path, shown(key.Value)), "is given twice; the first is in line %d", line)
			}
			continue
		}
		seen[key.Value] = key.Line
		list = append(list, entry{key.Value, value, here})
	}
	for _, m := range merged {
		sources := []*yaml.Node{m}
		if m.Kind == yaml.SequenceNode {
			sources = m.Content
		}
		for _, source := range sources {
			if d.nodes++; d.nodes > maxNodes {
				return list
			}
			list = d.merge(list, source, seen, path, at, depth+1)
		}
	}
	return list
}
