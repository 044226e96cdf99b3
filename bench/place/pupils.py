"""Write made-up pupils with correct check characters: pupils.py COUNT FOLDER makes orgs.csv and pupils.csv.

The region of each id number is one that does not exist, so that none can be a real person's."""
import random
import sys

COUNTIES = ["141102", "141121", "141122", "141123", "141124", "141125", "141126", "141127", "141128", "141129", "141130",
            "141181", "141182"]
WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
SURNAMES, GIVEN = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰"
count, folder = int(sys.argv[1]), sys.argv[2]

schools = []
with open(folder + "/orgs.csv", "w", encoding="utf-8") as f:
    f.write("code,name,kind,parent\n")
    for i in range(1500):
        schools.append(f"2114{i:06d}")
        f.write(f"{schools[-1]},演示第{i}小学,primary_school,{COUNTIES[i % 13]}\n")
with open(folder + "/pupils.csv", "w", encoding="utf-8") as f:
    f.write("pupil_id,name,id_number,sex,birth_date,ethnic,org,period,stage,grade,class_no,boarding,left_behind,migrant\n")
    for i in range(count):
        year, month, day = 2014 + i % 6, 1 + i % 12, 1 + i % 28
        body = f"{990000 + i // 2000:06d}{year}{month:02d}{day:02d}{i % 1000:03d}"
        check = "10X98765432"[sum(int(d) * w for d, w in zip(body, WEIGHTS)) % 11]
        name = SURNAMES[i % 20] + GIVEN[i // 20 % 26] + GIVEN[i // 520 % 26]
        f.write(f"G{i:017d}0,{name},{body}{check},{1 + i % 2},{year}-{month:02d}-{day:02d},01,{schools[i * 7 % 1500]},"
                f"2025-2026,primary,{1 + 2019 - year},{1 + i % 9},{int(i % 3 == 0)},{int(i % 11 == 0)},{int(i % 13 == 0)}\n")
