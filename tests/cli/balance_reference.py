"""The balance evaluation written a second time, slowly, in exact fractions: nothing is shared
with the program. Rules: 教督〔2017〕6号 and 教督〔2012〕3号 as tests/cli/evaluate_test.py names them."""
from fractions import Fraction as F
import math

WEIGHT = {"primary": F(1), "junior": F(11, 10), "senior": F(132, 100)}
LIMITS = {
    "primary": {"above_degree": F(42, 10), "backbone": F(1), "pe_art": F(9, 10), "teaching_area": F(45, 10),
                "sports_area": F(75, 10), "equipment": F(2000), "multimedia": F(23, 10)},
    "junior": {"above_degree": F(53, 10), "backbone": F(1), "pe_art": F(9, 10), "teaching_area": F(58, 10),
               "sports_area": F(102, 10), "equipment": F(2500), "multimedia": F(24, 10)},
}
SHARED = {"teaching_area", "sports_area", "equipment", "multimedia"}
PER_HUNDRED = {"above_degree", "backbone", "pe_art", "multimedia"}
CV_LIMIT = {"primary": F(50, 100), "junior": F(45, 100)}


def resource(row, measure):
    indoor = F(row["indoor_sports_area"])
    return {
        "above_degree": F(row["teachers_above_degree"]),
        "backbone": F(row["backbone_teachers"]),
        "pe_art": F(row["pe_art_teachers"]),
        "teaching_area": F(row["teaching_area"]) - indoor,
        "sports_area": F(row["sports_ground_area"]) + indoor,
        "equipment": F(row["equipment_value"]),
        "multimedia": F(row["multimedia_rooms"]),
    }[measure]


def is_in(row):
    pupils = int(row["pupils"])
    if row["structure"] in ("special", "vocational") or pupils == 0:
        return False
    return not (row["structure"] == "teaching_point" and pupils < 50)


def evaluate(rows):
    """{"stage": {"failed": n, "cv": {measure: float or None}, "schools": {org: values}}}"""
    result = {}
    for stage in ("primary", "junior"):
        mine = [r for r in rows if r["stage"] == stage and is_in(r)]
        schools, failed = {}, 0
        for row in mine:
            pupils, values = F(row["pupils"]), {}
            siblings = [r for r in rows if r["org"] == row["org"]]
            share = (WEIGHT[stage] * pupils) / sum(WEIGHT[r["stage"]] * F(r["pupils"]) for r in siblings)
            for measure in LIMITS[stage]:
                total = resource(row, measure) * (share if measure in SHARED else 1)
                values[measure] = (total * (100 if measure in PER_HUNDRED else 1) / pupils, total)
            short = [m for m in values if values[m][0] < LIMITS[stage][m]]
            if len(short) > 1 or any(values[m][0] < LIMITS[stage][m] * F(85, 100) for m in short):
                failed += 1
            schools[row["org"]] = values
        cvs = {}
        for measure in LIMITS[stage]:
            pupils = sum(F(r["pupils"]) for r in mine)
            total = sum(schools[r["org"]][measure][1] for r in mine)
            if not mine or total == 0:
                cvs[measure] = None
                continue
            mean = total / pupils
            variance = sum(F(r["pupils"]) / pupils * (schools[r["org"]][measure][1] / F(r["pupils"]) - mean) ** 2
                           for r in mine)
            cvs[measure] = math.sqrt(variance / mean ** 2)
        result[stage] = {"failed": failed, "cv": cvs, "schools": schools, "units": len(mine)}
    return result
