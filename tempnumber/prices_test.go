package tempnumber

import (
	"bytes"
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/gen"
	"github.com/tempnumber/tempnumber-go/tempnumber/internal/lenient"
)

func TestTooManyElements(t *testing.T) {
	for _, element := range []string{"{}", "null", "1", "[]", `""`} {
		list := "[" + strings.Repeat(element+",", (4<<20)/(len(element)+1)) + element + "]"
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := model(activationPageFrom)([]byte(`{"activations": `+list+`}`), smallElements, &oddFields{})
		require.ErrorIs(t, err, lenient.ErrTooManyElements)
		_, err = model(offersFrom)([]byte(`{"services": `+list+`}`), smallElements, &oddFields{})
		require.ErrorIs(t, err, lenient.ErrTooManyElements)
		runtime.ReadMemStats(&after)
		require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(32<<20), "the texts themselves, twice, and no more")
	}
	_, err := servicePrices([]byte("["+strings.Repeat("{},", priceListElements)+"{}]"), priceListElements, &oddFields{})
	require.ErrorIs(t, err, lenient.ErrTooManyElements)
	_, err = countryPrices([]byte("["+strings.Repeat("{},", 50_000)+"{}]"), priceListElements, &oddFields{})
	require.NoError(t, err)
}

// BenchmarkPriceList compares the price list of 2,000 services in 150 countries with encoding/json into the
// generated models, in turns. "kept-MB" is what the decoded list keeps.
func BenchmarkPriceList(b *testing.B) {
	var text strings.Builder
	for service := range 2000 {
		fmt.Fprintf(&text, `%s{"s":"service%d","countries":[`, map[bool]string{true: "[", false: ","}[service == 0], service)
		for country := range 150 {
			fmt.Fprintf(&text, `%s{"c":"%c%c","p":%d.%02d}`, map[bool]string{true: "", false: ","}[country == 0], 'a'+country/26, 'a'+country%26, country%3, service%100)
		}
		text.WriteString("]}")
	}
	text.WriteString("]")
	body := []byte(text.String())
	var ours, theirs time.Duration
	var list []ServicePrices
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	for b.Loop() {
		start := time.Now()
		var err error
		list, err = servicePrices(body, priceListElements, &oddFields{})
		ours += time.Since(start)
		require.NoError(b, err)
		start = time.Now()
		var models []gen.PriceByService
		require.NoError(b, json.Unmarshal(body, &models))
		theirs += time.Since(start)
		require.Len(b, models, len(list))
	}
	kept := heap() - before
	require.Len(b, list, 2000)
	require.Len(b, list[0].Countries, 150)
	b.ReportMetric(float64(ours)/float64(theirs), "x-encoding/json")
	b.ReportMetric(float64(kept)/(1<<20), "kept-MB")
	b.ReportMetric(float64(ours.Milliseconds())/float64(b.N), "ms/list")
	runtime.KeepAlive(list)
	runtime.KeepAlive(body)
}

func FuzzPriceListsAgree(f *testing.F) {
	f.Add([]byte(`[{"s": "facebook", "countries": [{"c": "us", "p": 0.5}, {"c": "de", "p": "1e-3"}]}]`))
	f.Add([]byte(`[{"s": "a", "countries": []}, {"s": "b"}]`))
	f.Fuzz(func(t *testing.T, body []byte) {
		var models []gen.PriceByService
		err := json.Unmarshal(body, &models)
		list, ourErr := servicePrices(body, priceListElements, &oddFields{})
		if err != nil || ourErr != nil {
			require.False(t, err == nil && ourErr != nil && string(bytes.TrimSpace(body)) != "null", "%v", ourErr) // what the standard library reads is read
			return
		}
		want := []ServicePrices{}
		for _, m := range models {
			if m.ServiceID == "" {
				continue
			}
			row := ServicePrices{m.ServiceID, []CountryPrice{}}
			for _, c := range m.Countries {
				if price, known := (&oddFields{}).price("p", c.Price); known && c.CountryID != "" {
					row.Countries = append(row.Countries, CountryPrice{c.CountryID, price})
				}
			}
			want = append(want, row)
		}
		if !bytes.Contains(bytes.ToLower(body), []byte(`\u`)) && !repeatsKeys(body) {
			require.Equal(t, want, list)
		}
	})
}

// repeatsKeys reports whether an object may hold a key twice, or in another case, for which the two differ.
func repeatsKeys(body []byte) bool {
	var v any
	_ = json.Unmarshal(body, &v)
	again, _ := json.Marshal(v)
	var compact bytes.Buffer
	_ = json.Compact(&compact, body)
	return len(again) != compact.Len() || bytes.ContainsAny(body, "SCP") && !bytes.Equal(bytes.ToLower(body), body)
}
