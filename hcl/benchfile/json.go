package benchfile

// Report is the JSON form of all diagnostics of a file, in the shape of Terraform's "validate -json".
type Report struct {
	FormatVersion string      `json:"format_version"` // of this form; "1.x" stays readable for who reads "1.0"
	Valid         bool        `json:"valid"`
	ErrorCount    int         `json:"error_count"`
	WarningCount  int         `json:"warning_count"`
	Diagnostics   Diagnostics `json:"diagnostics"`
}

// Report makes the JSON form. A file without diagnostics has an empty list in it, not null.
func (ds Diagnostics) Report() Report {
	errors, warnings := ds.Count()
	if ds == nil {
		ds = Diagnostics{}
	}
	return Report{FormatVersion: "1.0", Valid: errors == 0, ErrorCount: errors, WarningCount: warnings, Diagnostics: ds}
}
