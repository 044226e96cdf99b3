"""Write the rows of the measure bench: rows.py COUNT FILE. 1,500 schools in 13 counties, seeded."""
import random
import sys

rng = random.Random(11)
with open(sys.argv[2], "w", encoding="ascii") as f:
    f.write("county,school,stage,sex,grade,boarding,left_behind,migrant,class_size,distance\n")
    for i in range(int(sys.argv[1])):
        school, grade = rng.randrange(1500), rng.randint(1, 9)
        f.write(f"1411{school % 13:02d},S{school:04d},{'primary' if grade < 7 else 'junior'},{'MF'[rng.random() < .48]},"
                f"{grade},{int(rng.random() < .2)},{int(rng.random() < .1)},{int(rng.random() < .05)},"
                f"{rng.randint(18, 60)},{rng.randint(50, 9000)}\n")
