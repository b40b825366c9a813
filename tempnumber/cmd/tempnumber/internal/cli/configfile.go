package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/BurntSushi/toml"
)

// configFile is what the config file may say.
type configFile struct {
	APIKey   string `toml:"api_key"`
	BaseURL  string `toml:"base_url"`
	Timeout  string `toml:"timeout"`
	MaxPrice string `toml:"max_price"`
	Output   string `toml:"output"`
	Share    string `toml:"share"`

	path string
}

// readConfig reads the config file. A missing file at the default place is not an error.
func (p *program) readConfig() (configFile, error) {
	path, asked := p.configPath()
	file := configFile{path: path}
	if path == "" {
		return file, nil
	}
	opened, err := os.Open(path) //nolint:gosec // the user says which file
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) && !asked {
			return file, nil
		}
		return file, usageError{fmt.Errorf("the config file cannot be read: %w", err)}
	}
	defer func() { _ = opened.Close() }() // it was read only
	known, err := toml.NewDecoder(opened).Decode(&file)
	if err != nil {
		return file, usage("%s: %s", path, tomlProblem(err))
	}
	if unknown := known.Undecoded(); len(unknown) > 0 {
		return file, usage("%s: there is no setting %q; see tempnumber help environment", path, unknown[0].String())
	}
	if file.APIKey == "" || runtime.GOOS == "windows" {
		return file, nil
	}
	info, err := opened.Stat()
	if err != nil {
		return file, usageError{fmt.Errorf("the config file cannot be read: %w", err)}
	}
	if info.Mode().Perm()&0o077 != 0 {
		return file, usage("%s holds the API key and others can read it (mode %04o); run: chmod 600 %s", path, info.Mode().Perm(), path)
	}
	return file, nil
}

// tomlProblem says where a config file is wrong, without the line itself: the key may be in it.
func tomlProblem(err error) string {
	var parse toml.ParseError
	if errors.As(err, &parse) {
		return fmt.Sprintf("line %d is not TOML; texts stand in quotes: timeout = \"90s\"", parse.Position.Line)
	}
	return "a setting is not a text; texts stand in quotes: max_price = \"0.5\""
}

// configPath is where the config file is, and whether the user named it. It is
// empty when there is no home either.
func (p *program) configPath() (path string, asked bool) {
	if p.flags.config != "" {
		return p.flags.config, true
	}
	if path := p.env.Getenv("TEMPNUMBER_CONFIG"); path != "" {
		return path, true
	}
	base := p.userDir("XDG_CONFIG_HOME", ".config")
	if base == "" {
		return "", false
	}
	return filepath.Join(base, "tempnumber", "config.toml"), false
}

// userDir is one of the user's directories by the XDG rules: as the variable
// says, else below the home directory; empty when neither is known.
func (p *program) userDir(variable, belowHome string) string {
	if dir := p.env.Getenv(variable); filepath.IsAbs(dir) {
		return dir
	}
	home := "HOME"
	if runtime.GOOS == "windows" {
		home = "USERPROFILE"
	}
	base := p.env.Getenv(home)
	if base == "" {
		return ""
	}
	return filepath.Join(base, filepath.FromSlash(belowHome))
}
