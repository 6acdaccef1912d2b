package diagnose

import (
	"encoding/json"
	"math"
)

// number is null in JSON where it is not known or not finite, as the error of
// one event: JSON has no word for that.
type number float64

func (n number) MarshalJSON() ([]byte, error) {
	if v := float64(n); !math.IsNaN(v) && !math.IsInf(v, 0) {
		return json.Marshal(v)
	}
	return []byte("null"), nil
}

// MarshalJSON implements [json.Marshaler].
func (g Gap) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Of     string `json:"of"`
		Nats   number `json:"nats"`
		StdErr number `json:"stderr"`
	}{g.Of, number(g.Nats), number(g.StdErr)})
}

// MarshalJSON implements [json.Marshaler].
func (l Layer) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Name      string  `json:"name"`
		Units     int     `json:"units"`
		Dead      float64 `json:"dead"`
		Saturated float64 `json:"saturated"`
		Gradient  number  `json:"gradient"`
	}{l.Name, l.Units, l.Dead, l.Saturated, number(l.Gradient)})
}
