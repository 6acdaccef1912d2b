package vae

import (
	"fmt"

	"github.com/surprisal-go/surprisal"
)

// LogWeights implements [surprisal.Bounded]: draw j of event i, at dst[i·k+j],
// is log p(x, z) − log q(z | x) with z drawn from q.
func (v *VAE) LogWeights(dst []float64, x *surprisal.Batch, k int, key surprisal.Key) error {
	n := x.Len()
	if len(dst) != n*k {
		panic(fmt.Sprintf("vae: LogWeights of %d events × %d draws into %d", n, k, len(dst)))
	}
	if k == 1 {
		if err := v.run(&v.one, x, key.Fold(0), dst); err != nil {
			return err
		}
	} else {
		block := make([]float64, n*draws)
		for lo := 0; lo < k; lo += draws {
			if err := v.run(&v.many, x, key.Fold(uint64(lo/draws)), block); err != nil {
				return err
			}
			for i := range n {
				copy(dst[i*k+lo:(i+1)*k], block[i*draws:(i+1)*draws])
			}
		}
	}
	for i := range dst {
		dst[i] += v.logDet[i/k]
	}
	return nil
}

// Terms writes the two parts of the bound for every event (N each), in nats:
// log p(x | z) for one draw of z, and KL(q(z | x) ‖ p(z)) in closed form. Their
// difference is the ELBO of that draw.
func (v *VAE) Terms(reconstruction, kl []float64, x *surprisal.Batch, key surprisal.Key) error {
	if err := v.run(&v.parts, x, key.Fold(0), reconstruction, kl); err != nil {
		return err
	}
	for i, d := range v.logDet {
		reconstruction[i] += d
	}
	return nil
}

// Posterior implements [surprisal.Latent]; z is N × Z.
func (v *VAE) Posterior(z, logJoint, logQ []float64, x *surprisal.Batch, key surprisal.Key) error {
	if err := v.run(&v.latent, x, key.Fold(0), z, logJoint, logQ); err != nil {
		return err
	}
	for i, d := range v.logDet {
		logJoint[i] += d
	}
	return nil
}

// Sample implements [surprisal.Sampler]. Event i depends on key and i alone.
func (v *VAE) Sample(n int, key surprisal.Key, context *surprisal.Batch) (*surprisal.Batch, error) {
	if context != nil {
		return nil, fmt.Errorf("vae: sampling: this model takes no context")
	}
	_, x, err := v.SampleJoint(n, key)
	return x, err
}

var _ interface {
	Model
	surprisal.Latent
} = (*VAE)(nil)
