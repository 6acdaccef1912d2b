package cpu

// Without returns options that leave a pass out.
func (o Options) Without(name string) Options {
	for _, p := range passNames {
		if p.name == name {
			o.without |= p.pass
			return o
		}
	}
	panic("cpu: no pass " + name)
}

// PassNames lists the passes.
func PassNames() (names []string) {
	for _, p := range passNames {
		names = append(names, p.name)
	}
	return names
}
