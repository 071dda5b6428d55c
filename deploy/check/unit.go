package check

import "strings"

// Unit are the settings of a systemd unit, in the order of the file: "Section.Key".
type Unit []struct{ Key, Value string }

// ParseUnit reads a unit as systemd.syntax(7) has it, for units without
// continuation lines.
func ParseUnit(text string) Unit {
	var u Unit
	section := ""
	for _, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if name, ok := strings.CutPrefix(line, "["); ok {
			section = strings.TrimSuffix(name, "]")
			continue
		}
		if key, value, ok := strings.Cut(line, "="); ok && !strings.HasPrefix(line, "#") && !strings.HasPrefix(line, ";") {
			u = append(u, struct{ Key, Value string }{section + "." + strings.TrimSpace(key), strings.TrimSpace(value)})
		}
	}
	return u
}

// All are the values of a key.
func (u Unit) All(key string) []string {
	var all []string
	for _, s := range u {
		if s.Key == key {
			all = append(all, s.Value)
		}
	}
	return all
}

// Get is the last value of a key.
func (u Unit) Get(key string) string {
	if all := u.All(key); len(all) > 0 {
		return all[len(all)-1]
	}
	return ""
}
