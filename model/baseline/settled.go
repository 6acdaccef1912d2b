package baseline

// byValidation stands for a value that Fit chose and that the state does not
// keep.
const byValidation = "by validation"

// Settled implements model.Settled.
func (m *Mixture) Settled(n int) map[string]any {
	cfg := m.cfg
	if _, p, err := m.load(); err == nil {
		cfg.Components = p.k
	}
	cfg = cfg.resolved(n, m.space.Dims())
	return map[string]any{
		"components": cfg.Components, "covariance": cfg.Covariance, "restarts": cfg.Restarts,
		"iterations": cfg.Iterations, "prior": cfg.Prior,
	}
}

// Settled implements model.Settled.
func (g *Gaussian) Settled(int) map[string]any {
	if g.cfg.Shrinkage > 0 {
		return nil
	}
	return map[string]any{"shrinkage": byValidation}
}

// Settled implements model.Settled.
func (m *Marginals) Settled(int) map[string]any { return map[string]any{"alpha": m.cfg.smoothing()} }

// Settled implements model.Settled.
func (d *Dequantized) Settled(n int) map[string]any {
	s, ok := d.inner.(interface{ Settled(int) map[string]any })
	if !ok {
		return nil
	}
	return s.Settled(n)
}
