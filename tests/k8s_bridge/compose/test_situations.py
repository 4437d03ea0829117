"""Many small projects, each read beside docker compose: files, variables, folders.

A row is what lies in the folder, and how the command is called there.
"""

from itertools import pairwise

import pytest

from tests.k8s_bridge.compose.oracle import (
    HOME,
    answered,
    asked,
    needs_compose,
    written,
)

SITUATIONS = {
    "two files other dirs": {
        "files": {
            "sub/a.yaml": "services: {a: {build: ./c, env_file: e.env}}",
            "b.yaml": "services: {a: {volumes: [./v:/v]}}",
            "sub/e.env": "A=1",
        },
        "options": ["-f", "sub/a.yaml", "-f", "b.yaml"],
    },
    "project folder": {
        "files": {"sub/a.yaml": "services: {a: {build: ./c}}"},
        "options": ["--project-directory", "q", "-f", "sub/a.yaml"],
        "said": {"project_folder": "q"},
    },
    "variables of the project folder": {
        "files": {
            "sub/a.yaml": 'services: {a: {image: "$A-$B"}}',
            "sub/.env": "A=sub",
            "q/.env": "A=q",
            ".env": "A=root\nB=root",
        },
        "options": ["--project-directory", "q", "-f", "sub/a.yaml"],
        "said": {"project_folder": "q"},
    },
    "dotenv compose_file": {
        "files": {
            ".env": "COMPOSE_FILE=z.yaml:y.yaml",
            "z.yaml": "services: {a: {image: x}}\n",
            "y.yaml": "services: {a: {tty: true}}",
            "compose.yaml": "services: {q: {image: q}}",
        }
    },
    "dotenv sep": {
        "files": {
            ".env": "COMPOSE_FILE=z.yaml,y.yaml\nCOMPOSE_PATH_SEPARATOR=,",
            "z.yaml": "services: {a: {image: x}}\n",
            "y.yaml": "services: {a: {tty: true}}",
        }
    },
    "dotenv compose_file in sub": {
        "files": {
            ".env": "COMPOSE_FILE=sub/z.yaml",
            "sub/z.yaml": 'services: {a: {build: c, image: "$Q"}}',
            "sub/.env": "Q=sub",
        }
    },
    "dotenv name": {
        "files": {
            ".env": "COMPOSE_PROJECT_NAME=nn",
            "compose.yaml": "name: other\nservices: {a: {image: x}}\n",
        }
    },
    "dotenv bad name": {
        "files": {
            ".env": "COMPOSE_PROJECT_NAME=N N",
            "compose.yaml": "name: other\nservices: {a: {image: x}}\n",
        }
    },
    "dotenv profiles": {
        "files": {
            ".env": "COMPOSE_PROFILES=p",
            "compose.yaml": "services: {a: {image: x}, b: {image: y, profiles: [p]}, c: {image: z, profiles: [q]}}",
        }
    },
    "name interp": {
        "files": {
            ".env": "N=Foo Bar",
            "compose.yaml": "name: ${N:?}\nservices: {a: {image: x}}\n",
        }
    },
    "name interp missing": {
        "files": {"compose.yaml": "name: ${N:?}\nservices: {a: {image: x}}\n"}
    },
    "name number": {"files": {"compose.yaml": "name: 5\nservices: {a: {image: x}}\n"}},
    "name bad": {
        "files": {"compose.yaml": "name: Foo Bar\nservices: {a: {image: x}}\n"}
    },
    "name dot": {"files": {"compose.yaml": 'name: "..."\nservices: {a: {image: x}}\n'}},
    "name null": {"files": {"compose.yaml": "name:\nservices: {a: {image: x}}\n"}},
    "name list": {"files": {"compose.yaml": "name: [a]\nservices: {a: {image: x}}\n"}},
    "name bool": {"files": {"compose.yaml": "name: true\nservices: {a: {image: x}}\n"}},
    "name second doc": {
        "files": {"compose.yaml": "services: {a: {image: x}}\n---\nname: second\n"}
    },
    "name override": {
        "files": {
            "compose.yaml": "name: one\nservices: {a: {image: x}}\n",
            "o.yaml": "name: two\n",
        },
        "options": ["-f", "compose.yaml", "-f", "o.yaml"],
    },
    "name in include": {
        "files": {
            "compose.yaml": "include: [i.yaml]\n",
            "i.yaml": "name: inc\nservices: {a: {image: x}}\n",
        }
    },
    "proj name env interp": {
        "files": {"compose.yaml": 'services: {a: {image: "$COMPOSE_PROJECT_NAME"}}'},
        "options": ["-p", "pp"],
        "said": {"project_name": "pp"},
    },
    "COMPOSE_ENV_FILES": {
        "files": {
            "x.env": "A=1",
            "y.env": "B=$A",
            ".env": "C=1",
            "compose.yaml": 'services: {a: {image: "$A-$B-$C"}}',
        },
        "environment": {"COMPOSE_ENV_FILES": "x.env,y.env"},
    },
    "env-file": {
        "files": {
            "x.env": "A=1",
            ".env": "A=2\nC=1",
            "compose.yaml": 'services: {a: {image: "$A-$C"}}',
        },
        "options": ["--env-file", "x.env"],
        "said": {"env_files": ["x.env"]},
    },
    "env-file missing": {
        "files": {"compose.yaml": "services: {a: {image: x}}\n"},
        "options": ["--env-file", "x.env"],
        "said": {"env_files": ["x.env"]},
    },
    "env-file dir": {
        "files": {"x.env/f": "", "compose.yaml": "services: {a: {image: x}}\n"},
        "options": ["--env-file", "x.env"],
        "said": {"env_files": ["x.env"]},
    },
    ".env dir": {
        "files": {".env/f": "", "compose.yaml": "services: {a: {image: x}}\n"}
    },
    ".env bad": {
        "files": {".env": "A B=1", "compose.yaml": "services: {a: {image: x}}\n"}
    },
    "extends ctx": {
        "files": {
            "compose.yaml": "services: {a: {extends: {file: s/b.yaml, service: b}}}",
            "s/b.yaml": 'services: {b: {build: ., env_file: [e.env], volumes: ["./x:/x","v:/v"], label_file: l.env}}\nvolumes: {v: }',
            "s/e.env": "A=$B\nB=1",
            "s/l.env": "q=1",
        }
    },
    "extends ctx2": {
        "files": {
            "compose.yaml": "services: {a: {extends: {file: s/b.yaml, service: b}}}\nvolumes: {v: }",
            "s/b.yaml": 'services: {b: {build: ., env_file: [e.env], volumes: ["./x:/x","v:/v"], label_file: l.env, develop: {watch: [{path: ./p, action: rebuild}]}, secrets: [s]}}\nsecrets: {s: {file: ./f}}',
            "s/e.env": "A=$B\nB=1",
            "s/l.env": "q=1",
        }
    },
    "extends multi doc": {
        "files": {
            "compose.yaml": "services: {a: {extends: {file: b.yaml, service: b}}}",
            "b.yaml": 'services: {b: {image: x, ports: ["1"]}}\n---\nservices: {b: {ports: !reset [], tty: true}}',
        }
    },
    "extends nested proj": {
        "files": {
            "compose.yaml": "include: [{path: i/one.yaml, project_directory: i/deep}]",
            "i/one.yaml": "services: {a: {extends: {file: base.yaml, service: b}, build: .}}",
            "i/deep/base.yaml": "services: {b: {volumes: [./v:/v]}}",
            "i/base.yaml": "services: {b: {volumes: [./w:/v]}}",
        }
    },
    "extends file in f sub": {
        "files": {
            "sub/a.yaml": "services: {a: {extends: {file: base.yaml, service: b}}}",
            "sub/base.yaml": "services: {b: {image: sub}}",
            "base.yaml": "services: {b: {image: root}}",
        },
        "options": ["-f", "sub/a.yaml"],
    },
    "extends file 2nd f": {
        "files": {
            "a.yaml": "services: {a: {image: x}}\n",
            "sub/b.yaml": "services: {b: {extends: {file: base.yaml, service: b}}}",
            "sub/base.yaml": "services: {b: {image: sub}}",
            "base.yaml": "services: {b: {image: root}}",
        },
        "options": ["-f", "a.yaml", "-f", "sub/b.yaml"],
    },
    "extends null base": {
        "files": {"compose.yaml": "services: {a: {image: x, extends: b}, b: }"}
    },
    "extends from override": {
        "files": {
            "compose.yaml": "services: {a: {image: x}, b: {image: y, tty: true}}",
            "compose.override.yaml": "services: {a: {extends: b}}",
        }
    },
    "extends base in other f": {
        "files": {
            "a.yaml": "services: {b: {image: y, tty: true}}",
            "c.yaml": "services: {a: {extends: b}}",
        },
        "options": ["-f", "a.yaml", "-f", "c.yaml"],
    },
    "extends in included": {
        "files": {
            "compose.yaml": "include: [i.yaml]\nservices: {a: {extends: b}}",
            "i.yaml": "services: {b: {image: y, build: ./q}}",
        }
    },
    "extends depends": {
        "files": {
            "compose.yaml": "services: {a: {extends: b, depends_on: [c]}, b: {image: y, depends_on: {d: {condition: service_healthy}}}, c: {image: c}, d: {image: d}}"
        }
    },
    "extends false cycle": {
        "files": {
            "compose.yaml": "services: {a: {extends: {file: compose.yaml, service: b}}, b: {image: x}}"
        }
    },
    "extends file cycle": {
        "files": {
            "compose.yaml": "services: {a: {extends: {file: b.yaml, service: a}}}",
            "b.yaml": "services: {a: {extends: {file: compose.yaml, service: a}}}",
        }
    },
    "extends interp": {
        "files": {
            "compose.yaml": 'services: {a: {extends: {file: "$F", service: "$S"}}}',
            "b.yaml": 'services: {a: {image: "$S"}}',
        },
        "environment": {"F": "b.yaml", "S": "a"},
    },
    "extends list": {
        "files": {
            "compose.yaml": "services: {a: {image: x, extends: [b]}, b: {image: y}}"
        }
    },
    "extends num": {
        "files": {
            "compose.yaml": "services: {a: {image: x, extends: 5}, b: {image: y}}"
        }
    },
    "extends null": {
        "files": {"compose.yaml": "services: {a: {image: x, extends: }, b: {image: y}}"}
    },
    "extends unknown key": {
        "files": {
            "compose.yaml": "services: {a: {image: x, extends: {service: b, foo: 1}}, b: {image: y}}"
        }
    },
    "extends abs": {
        "files": {
            "compose.yaml": "services: {a: {extends: {file: {folder}/s/b.yaml, service: b}}}",
            "s/b.yaml": "services: {b: {build: .}}",
        }
    },
    "extends volumes_from/links": {
        "files": {
            "compose.yaml": 'services: {a: {extends: b}, b: {image: y, links: [c], volumes_from: [c], network_mode: "service:c"}, c: {image: c}}'
        }
    },
    "include env_file": {
        "files": {
            "compose.yaml": "include: [{path: i/c.yaml, env_file: [x.env, y.env]}]",
            "i/c.yaml": 'services: {a: {image: "$A-$B-$C"}}',
            "x.env": "A=1\nB=1",
            "y.env": "B=2",
            "i/.env": "C=1",
        },
        "environment": {"A": "os"},
    },
    "include dotenv precedence": {
        "files": {
            "compose.yaml": "include: [i/c.yaml]",
            "i/c.yaml": 'services: {a: {image: "$A-$B-$C"}}',
            ".env": "A=root",
            "i/.env": "A=i\nC=$A",
        }
    },
    "include env devnull": {
        "files": {
            "compose.yaml": "include: [{path: i/c.yaml, env_file: /dev/null}]",
            "i/c.yaml": 'services: {a: {image: "q$A"}}',
            "i/.env": "A=i",
        }
    },
    "include env list form": {
        "files": {
            "compose.yaml": "include: [i/c.yaml]",
            "i/c.yaml": "services: {a: {image: x, environment: [A, B]}, b: {image: x, environment: {A: }}}",
            "i/.env": "A=i",
        }
    },
    "include secrets env": {
        "files": {
            "compose.yaml": "include: [i/c.yaml]",
            "i/c.yaml": "services: {a: {image: x, secrets: [s], configs: [c]}}\nsecrets: {s: {environment: A}}\nconfigs: {c: {environment: A}, d: {file: ./d}}",
            "i/.env": "A=i",
        }
    },
    "include override list": {
        "files": {
            "compose.yaml": "include: [{path: [i/c.yaml, o.yaml]}]",
            "i/c.yaml": "services: {a: {build: ., volumes: [./v:/v]}}",
            "o.yaml": "services: {a: {volumes: [./w:/w]}}",
        }
    },
    "include merge main": {
        "files": {
            "compose.yaml": "include: [i/c.yaml]\nservices: {a: {volumes: [./m:/v], environment: [A=2], build: {target: t}}}\nvolumes: {v: {labels: {a: b}}}",
            "i/c.yaml": 'services: {a: {build: ., volumes: ["./v:/v","v:/d"], environment: {A: 1, B: 1}}}\nvolumes: {v: {driver: x}}',
        }
    },
    "include reset": {
        "files": {
            "compose.yaml": 'include: [i/c.yaml]\nservices: {a: {ports: !override ["2"], tty: !reset null}}',
            "i/c.yaml": 'services: {a: {image: x, ports: ["1"], tty: true}}',
        }
    },
    "include with -f 2": {
        "files": {
            "a.yaml": "include: [i.yaml]",
            "i.yaml": "services: {a: {image: x}}\n",
            "b.yaml": "services: {a: {image: over}}",
        },
        "options": ["-f", "a.yaml", "-f", "b.yaml"],
    },
    "include nested rel": {
        "files": {
            "compose.yaml": "include: [i/c.yaml]",
            "i/c.yaml": "include: [j/d.yaml]\nservices: {a: {image: x}}",
            "i/j/d.yaml": "services: {b: {build: ./z}}",
        }
    },
    "include nested proj dir": {
        "files": {
            "compose.yaml": "include: [{path: i/c.yaml, project_directory: p}]",
            "i/c.yaml": "include: [j/d.yaml]\nservices: {a: {build: .}}",
            "p/j/d.yaml": "services: {b: {build: ./z}}",
        }
    },
    "include path list empty": {
        "files": {"compose.yaml": "include: [{path: []}]\nservices: {a: {image: x}}\n"}
    },
    "include null": {
        "files": {"compose.yaml": "include: \nservices: {a: {image: x}}\n"}
    },
    "include {}": {
        "files": {"compose.yaml": "include: {}\nservices: {a: {image: x}}\n"}
    },
    "include []": {
        "files": {"compose.yaml": "include: []\nservices: {a: {image: x}}\n"}
    },
    "include interp": {
        "files": {
            "compose.yaml": 'include: ["$F"]',
            "i.yaml": "services: {a: {image: x}}\n",
        },
        "environment": {"F": "i.yaml"},
    },
    "include invalid": {
        "files": {
            "compose.yaml": "include: [i.yaml]\nservices: {a: {image: x}}\n",
            "i.yaml": "services: {a: {foo: 1}}",
        }
    },
    "include no services": {
        "files": {
            "compose.yaml": "include: [i.yaml]\nservices: {a: {image: x}}\n",
            "i.yaml": "x-a: 1",
        }
    },
    "include empty file": {
        "files": {
            "compose.yaml": "include: [i.yaml]\nservices: {a: {image: x}}\n",
            "i.yaml": "",
        }
    },
    "include x-": {
        "files": {
            "compose.yaml": "include: [i.yaml]\nservices: {a: {image: x}}\n",
            "i.yaml": "x-a: 1\nname: q\nservices: {b: {image: x}}",
        }
    },
    "include dollar": {
        "files": {
            "compose.yaml": "include: [i.yaml]\n",
            "i.yaml": 'services: {b: {image: x, environment: {A: "$$B"}, command: "$$C"}}',
        }
    },
    "include deps": {
        "files": {
            "compose.yaml": "include: [i.yaml]\nservices: {a: {image: x, depends_on: [b]}}",
            "i.yaml": "services: {b: {image: x, depends_on: [a]}}",
        }
    },
    "include netw": {
        "files": {
            "compose.yaml": "include: [i.yaml]\nservices: {a: {image: x, networks: [n]}}",
            "i.yaml": "services: {b: {image: x, networks: [n]}}\nnetworks: {n: {driver: y}}",
        }
    },
    "reset top": {
        "files": {
            "a.yaml": "services: {a: {image: x}, b: {image: y}}\nvolumes: {v: }",
            "b.yaml": "services: {b: !reset null}",
        },
        "options": ["-f", "a.yaml", "-f", "b.yaml"],
    },
    "override service": {
        "files": {
            "a.yaml": "services: {a: {image: x, tty: true}}",
            "b.yaml": "services: {a: !override {image: y}}",
        },
        "options": ["-f", "a.yaml", "-f", "b.yaml"],
    },
    "override services": {
        "files": {
            "a.yaml": "services: {a: {image: x, tty: true}}",
            "b.yaml": "services: !override {c: {image: y}}",
        },
        "options": ["-f", "a.yaml", "-f", "b.yaml"],
    },
    "reset in dict key env": {
        "files": {
            "a.yaml": "services: {a: {image: x, environment: {A: 1, B: 2}}}",
            "b.yaml": "services: {a: {environment: {A: !reset null}}}",
        },
        "options": ["-f", "a.yaml", "-f", "b.yaml"],
    },
    "reset in list env base": {
        "files": {
            "a.yaml": "services: {a: {image: x, environment: [A=1, B=2]}}",
            "b.yaml": "services: {a: {environment: {A: !reset null}}}",
        },
        "options": ["-f", "a.yaml", "-f", "b.yaml"],
    },
    "reset labels base list": {
        "files": {
            "a.yaml": "services: {a: {image: x, labels: [A=1, B=2]}}",
            "b.yaml": "services: {a: {labels: {A: !reset null}}}",
        },
        "options": ["-f", "a.yaml", "-f", "b.yaml"],
    },
    "reset depends": {
        "files": {
            "a.yaml": "services: {a: {image: x, depends_on: [b, c]}, b: {image: x}, c: {image: x}}",
            "b.yaml": "services: {a: {depends_on: {b: !reset null}}}",
        },
        "options": ["-f", "a.yaml", "-f", "b.yaml"],
    },
    "reset networks": {
        "files": {
            "a.yaml": "services: {a: {image: x, networks: [n, m]}}\nnetworks: {n: , m: }",
            "b.yaml": "services: {a: {networks: {n: !reset }}}",
        },
        "options": ["-f", "a.yaml", "-f", "b.yaml"],
    },
    "parent dir": {
        "files": {"compose.yaml": "services: {a: {build: .}}", ".env": "A=1"},
        "below": "x/y",
    },
    "parent dir override": {
        "files": {
            "compose.yaml": "services: {a: {image: x}}\n",
            "compose.override.yml": "services: {a: {tty: true}}",
            "x/compose.override.yml": "services: {a: {image: no}}",
        },
        "below": "x",
    },
    "yml first": {
        "files": {
            "compose.yml": "services: {a: {image: x}}\n",
            "docker-compose.yaml": "services: {b: {image: b}}",
            "docker-compose.override.yaml": "services: {a: {tty: true}}",
        }
    },
    "PWD": {"files": {"compose.yaml": 'services: {a: {image: "x$PWD"}}'}, "below": "z"},
    "PWD env": {
        "files": {"compose.yaml": 'services: {a: {image: "x$PWD"}}'},
        "environment": {"PWD": "/q"},
    },
    "disable env": {
        "files": {".env": "A=1", "compose.yaml": 'services: {a: {image: "x$A"}}'},
        "environment": {"COMPOSE_DISABLE_ENV_FILE": "TRUE"},
    },
    "disable env bad": {
        "files": {".env": "A=1", "compose.yaml": 'services: {a: {image: "x$A"}}'},
        "environment": {"COMPOSE_DISABLE_ENV_FILE": "maybe"},
    },
    "disable env in file": {
        "files": {
            ".env": "A=1\nCOMPOSE_DISABLE_ENV_FILE=1",
            "compose.yaml": 'services: {a: {image: "x$A"}}',
        }
    },
    "same file twice": {
        "files": {
            "compose.yaml": 'services: {a: {image: x, ports: ["1"], command: [a]}}'
        },
        "options": ["-f", "compose.yaml", "-f", "compose.yaml"],
    },
    "folder as file": {
        "files": {"d/compose.yaml": "services: {a: {image: x}}\n"},
        "options": ["-f", "d"],
    },
    "null services": {"files": {"compose.yaml": "services:\n"}},
    "null service": {"files": {"compose.yaml": "services: {a: }\n"}},
    "only x": {"files": {"compose.yaml": "x-a: 1\n"}},
    "env_file os": {
        "files": {
            "compose.yaml": "services: {a: {image: x, env_file: e.env, environment: {Q: q, R: }}}",
            "e.env": "A=$HOME\nB=$Q\nQ=file\nC=$A\nR=rr\nS",
        },
        "environment": {"R": "osr", "S": "oss"},
    },
    "env_file fmt raw": {
        "files": {
            "compose.yaml": "services: {a: {image: x, env_file: [{path: e.env, format: raw}]}}",
            "e.env": "A='x' $HOME\nHOME\n#c\n B=1 \nC",
        }
    },
    "env_file fmt bad": {
        "files": {
            "compose.yaml": "services: {a: {image: x, env_file: [{path: e.env, format: foo}]}}",
            "e.env": "A=1",
        }
    },
    "env_file not required": {
        "files": {
            "compose.yaml": "services: {a: {image: x, env_file: [{path: no.env, required: false}]}}"
        }
    },
    "env_file interp": {
        "files": {
            "compose.yaml": 'services: {a: {image: x, env_file: "${F}.env"}}',
            "e.env": "A=1",
        },
        "environment": {"F": "e"},
    },
    "env_file multi": {
        "files": {
            "compose.yaml": "services: {a: {image: x, env_file: [e.env, f.env]}}",
            "e.env": "A=1\nB=2",
            "f.env": "B=3\nC=$A$B",
        }
    },
    "reset environment": {
        "files": {
            "a.yaml": 'services: {a: {image: x, environment: ["A=1","B=2"]}}',
            "b.yaml": "services: {a: {environment: {A: !reset null}}}",
        },
        "options": ["-f", "a.yaml", "-f", "b.yaml"],
    },
    "reset labels": {
        "files": {
            "a.yaml": 'services: {a: {image: x, labels: ["A=1","B=2"]}}',
            "b.yaml": "services: {a: {labels: {A: !reset null}}}",
        },
        "options": ["-f", "a.yaml", "-f", "b.yaml"],
    },
    "reset annotations": {
        "files": {
            "a.yaml": 'services: {a: {image: x, annotations: ["A=1","B=2"]}}',
            "b.yaml": "services: {a: {annotations: {A: !reset null}}}",
        },
        "options": ["-f", "a.yaml", "-f", "b.yaml"],
    },
    "reset sysctls": {
        "files": {
            "a.yaml": 'services: {a: {image: x, sysctls: ["A=1","B=2"]}}',
            "b.yaml": "services: {a: {sysctls: {A: !reset null}}}",
        },
        "options": ["-f", "a.yaml", "-f", "b.yaml"],
    },
    "reset args": {
        "files": {
            "a.yaml": 'services: {a: {build: {context: ., args: ["A=1","B=2"]}}}',
            "b.yaml": "services: {a: {build: {context: ., args: {A: !reset null}}}}",
        },
        "options": ["-f", "a.yaml", "-f", "b.yaml"],
    },
    "reset blabels": {
        "files": {
            "a.yaml": 'services: {a: {build: {context: ., labels: ["A=1","B=2"]}}}',
            "b.yaml": "services: {a: {build: {context: ., labels: {A: !reset null}}}}",
        },
        "options": ["-f", "a.yaml", "-f", "b.yaml"],
    },
    "reset addctx": {
        "files": {
            "a.yaml": 'services: {a: {build: {context: ., additional_contexts: ["A=1","B=2"]}}}',
            "b.yaml": "services: {a: {build: {context: ., additional_contexts: {A: !reset null}}}}",
        },
        "options": ["-f", "a.yaml", "-f", "b.yaml"],
    },
    "reset dlabels": {
        "files": {
            "a.yaml": 'services: {a: {image: x, deploy: {labels: ["A=1","B=2"]}}}',
            "b.yaml": "services: {a: {deploy: {labels: {A: !reset null}}}}",
        },
        "options": ["-f", "a.yaml", "-f", "b.yaml"],
    },
    "reset extra_hosts": {
        "files": {
            "a.yaml": 'services: {a: {image: x, extra_hosts: ["A=1","B=2"]}}',
            "b.yaml": "services: {a: {extra_hosts: {A: !reset null}}}",
        },
        "options": ["-f", "a.yaml", "-f", "b.yaml"],
    },
    "reset bextra": {
        "files": {
            "a.yaml": 'services: {a: {build: {context: ., extra_hosts: ["A=1","B=2"]}}}',
            "b.yaml": "services: {a: {build: {context: ., extra_hosts: {A: !reset null}}}}",
        },
        "options": ["-f", "a.yaml", "-f", "b.yaml"],
    },
    "reset models": {
        "files": {
            "a.yaml": 'services: {a: {image: x, models: ["A=1","B=2"]}}',
            "b.yaml": "services: {a: {models: {A: !reset null}}}",
        },
        "options": ["-f", "a.yaml", "-f", "b.yaml"],
    },
    "reset gpuopts": {
        "files": {
            "a.yaml": 'services: {a: {image: x, gpus: [{options: ["A=1","B=2"]}]}}',
            "b.yaml": "services: {a: {gpus: [{options: {A: !reset null}}]}}",
        },
        "options": ["-f", "a.yaml", "-f", "b.yaml"],
    },
    "reset netlabels": {
        "files": {
            "a.yaml": "services: {a: {image: x, networks: [n]}}\nnetworks: {n: {labels: [A=1]}}",
            "b.yaml": "networks: {n: {labels: {A: !reset null}}}",
        },
        "options": ["-f", "a.yaml", "-f", "b.yaml"],
    },
    "reset merged twice": {
        "files": {
            "a.yaml": "services: {a: {image: x, environment: {A: 1}}}",
            "a2.yaml": "services: {a: {environment: {B: 1}}}",
            "b.yaml": "services: {a: {environment: {A: !reset null}}}",
        },
        "options": ["-f", "a.yaml", "-f", "a2.yaml", "-f", "b.yaml"],
    },
    'hosts ["h:3.3.3.3"] ["h:3.3.3.3"]': {
        "files": {
            "f0.yaml": 'services: {a: {image: x, extra_hosts: ["h:3.3.3.3"]}}',
            "f1.yaml": 'services: {a: {image: x, extra_hosts: ["h:3.3.3.3"]}}',
        },
        "options": ["-f", "f0.yaml", "-f", "f1.yaml"],
    },
    'hosts ["h:3.3.3.3"] ["h=3.3.3.3"]': {
        "files": {
            "f0.yaml": 'services: {a: {image: x, extra_hosts: ["h:3.3.3.3"]}}',
            "f1.yaml": 'services: {a: {image: x, extra_hosts: ["h=3.3.3.3"]}}',
        },
        "options": ["-f", "f0.yaml", "-f", "f1.yaml"],
    },
    'hosts ["h:3.3.3.3"] {h: 3.3.3.3}': {
        "files": {
            "f0.yaml": 'services: {a: {image: x, extra_hosts: ["h:3.3.3.3"]}}',
            "f1.yaml": "services: {a: {image: x, extra_hosts: {h: 3.3.3.3}}}",
        },
        "options": ["-f", "f0.yaml", "-f", "f1.yaml"],
    },
    'hosts {h: 3.3.3.3} ["h:3.3.3.3"]': {
        "files": {
            "f0.yaml": "services: {a: {image: x, extra_hosts: {h: 3.3.3.3}}}",
            "f1.yaml": 'services: {a: {image: x, extra_hosts: ["h:3.3.3.3"]}}',
        },
        "options": ["-f", "f0.yaml", "-f", "f1.yaml"],
    },
}


@needs_compose
@pytest.mark.parametrize("situation", SITUATIONS)
def test_a_project_is_read_as_docker_compose_reads_it(situation, tmp_path):
    row = SITUATIONS[situation]
    root = tmp_path / "pr"
    written(
        root,
        {
            name: text.replace("{folder}", str(root))
            for name, text in row["files"].items()
        },
    )
    folder = root / row.get("below", ".")
    folder.mkdir(parents=True, exist_ok=True)
    options = row.get("options", [])
    environment = {**HOME, **row.get("environment", {})}
    theirs, errors = asked(folder, *options, environment=environment)
    files = [value for option, value in pairwise(options) if option == "-f"]
    ours, said = answered(
        folder, *files, environment=environment, **row.get("said", {})
    )
    assert (ours is None) == (theirs is None), (errors, said)
    assert ours == theirs
    if ours is None:
        assert said.rule
