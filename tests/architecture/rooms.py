"""The house as data: which room may include which, and who may include which outside package."""

MODEL_FLOORS = ["models", "base"]
SIM_BASEMENT = ["calib/profile", "workloads", *MODEL_FLOORS]
SIM_FLOOR_1 = ["sim/results", "sim/load", "sim/cluster", "sim/schedule"]
SIM_FLOOR_2 = [*SIM_FLOOR_1, "sim/plan"]
SIM_FLOOR_3 = [*SIM_FLOOR_2, "sim/routing"]
SIM_FLOOR_4 = [*SIM_FLOOR_3, "sim/network"]
SIM_FLOOR_5 = [*SIM_FLOOR_4, "sim/engine"]
# A room of serving may use those before it.
SERVING_ROOMS = [f"sim/serving/{room}" for room in (
    "deployment", "experts", "step", "speculation", "cache", "batching", "fleet")]
# A room of the planner may use those before it.
PLANNER_ROOMS = [f"sim/planner/{room}" for room in ("space", "search", "capacity", "sweep")]
# A room of the GUI may use those before it, never the engine.
GUI_BASEMENT = ["reports", "sim/results", "base"]
GUI_ROOMS = [f"gui/{room}" for room in ("models", "widgets", "views", "windows")]
SIM_FLOOR_6 = [*SIM_FLOOR_5, "sim/training", "sim/serving", "sim/routing_run"]
SIM_FLOOR_7 = [*SIM_FLOOR_6, "sim/post_training", "sim/runner"]
SIM_FLOOR_8 = [*SIM_FLOOR_7, *PLANNER_ROOMS, "sim/validation"]

CLI_USES = ["reports", "sim/exchange", *SIM_FLOOR_8, "calib/import", "calib/import/trace", "calib/fit", "calib", "workloads", *MODEL_FLOORS]

# Folder -> folders whose headers it may include, each with what lies below it.
# A folder may always include its own headers. A file belongs to the longest folder that holds it.
MAY_USE = {
    "base": [],
    "base/sqlite": ["base"],
    "models": ["base"],
    "workloads": ["base"],
    "workloads/affinity": ["base"],
    "workloads/recorded_routing": ["base"],
    "workloads/requests": ["base"],
    "calib": MODEL_FLOORS,
    "calib/measure": ["calib/profile", *MODEL_FLOORS],
    "calib/kernels": ["calib/measure", "calib/profile", *MODEL_FLOORS],
    "calib/import": ["calib/profile", *MODEL_FLOORS],
    "calib/fit": ["calib/profile", *MODEL_FLOORS],
    "calib/import/trace": ["calib/import", "calib/profile", "base/sqlite", *MODEL_FLOORS],
    **{room: SIM_BASEMENT for room in SIM_FLOOR_1},
    "sim/plan": [*SIM_BASEMENT, *SIM_FLOOR_1],
    "sim/routing": [*SIM_BASEMENT, *SIM_FLOOR_2],
    "sim/network": [*SIM_BASEMENT, *SIM_FLOOR_3],
    "sim/engine": [*SIM_BASEMENT, *SIM_FLOOR_4],
    "sim/engine/replay": [*SIM_BASEMENT, *SIM_FLOOR_4, "sim/engine"],
    "sim/engine/simgrid": [*SIM_BASEMENT, *SIM_FLOOR_4, "sim/engine"],
    "sim/training": [*SIM_BASEMENT, *SIM_FLOOR_5],
    **{room: [*SIM_BASEMENT, *SIM_FLOOR_4, *SERVING_ROOMS[:i]] for i, room in enumerate(SERVING_ROOMS)},
    "sim/serving": [*SIM_BASEMENT, *SIM_FLOOR_5],
    "sim/routing_run": [*SIM_BASEMENT, *SIM_FLOOR_5],
    "sim/post_training": [*SIM_BASEMENT, *SIM_FLOOR_6],
    "sim/runner": [*SIM_BASEMENT, *SIM_FLOOR_6, "sim/post_training"],
    **{room: [*SIM_BASEMENT, *SIM_FLOOR_7, *PLANNER_ROOMS[:i]] for i, room in enumerate(PLANNER_ROOMS)},
    "sim/validation": [*SIM_BASEMENT, *SIM_FLOOR_7],
    "sim/exchange": ["models", "base"],
    "reports": ["sim/results", "base"],
    "reports/pictures": ["sim/results", "base"],
    "reports/pages": ["reports/pictures", "reports", "sim/results", "base"],
    **{room: [*GUI_BASEMENT, *GUI_ROOMS[:i]] for i, room in enumerate(GUI_ROOMS)},
    "gui": [*GUI_BASEMENT, *GUI_ROOMS],
    "cli": CLI_USES,
    "cli/mpi": ["cli", *CLI_USES],
}

# A sub-room is not part of the room around it: what may use sim/engine may use its engines
# only where its own row is above both or names the engine's folder.
SUB_ROOMS = {"sim/engine": ["sim/engine/replay", "sim/engine/simgrid"], "sim/serving": SERVING_ROOMS}
MAY_USE_SUB_ROOMS = {"sim/training", "sim/serving", "sim/post_training", "sim/runner", "sim/validation", "cli", "cli/mpi", *PLANNER_ROOMS}

# Pattern of an include -> (package, rooms that own it, rooms whose .cpp files may also include it).
# "*" stands for every room. A header that includes an owned package is private to its room.
OUTSIDE = {
    r"(simgrid|xbt|smpi)/": ("SimGrid", ["sim/engine/simgrid"], []),
    r"Q[A-Z]\w*(/|$)|qcustomplot\.h|Qt\w+/": ("Qt", ["gui", *GUI_ROOMS], []),
    r"boost/": ("Boost", ["sim/cluster", "sim/engine/replay"], ["*"]),
    r"sqlite3\.h": ("SQLite", ["base/sqlite"], []),
    r"CLI/": ("CLI11", ["cli", "cli/mpi", "calib/kernels"], []),
    r"mpi\.h": ("MPI", ["cli/mpi"], []),
    r"zlib\.h": ("zlib", ["calib/import", "workloads/requests"], []),
    r"xsimd/": ("xsimd", ["sim/routing"], []),
    r"cairo": ("cairo", ["reports/pictures"], []),
    r"toml\+\+/": ("toml++", ["sim/exchange"], []),
    r"nlohmann/(?!json_fwd\.hpp)": ("nlohmann/json.hpp", [], ["*"]),
}
