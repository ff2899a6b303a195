# 布局图：图例文字，以及为看不见图的人准备的说明。
drawing-block-big = 大方块
drawing-block-small = 小方块
drawing-block-other = 方块“{ $name }”
drawing-audience = 座位
drawing-exit = 出口
drawing-gate = 入场口
drawing-store = 库房
drawing-keep-clear = 保持畅通
drawing-obstacle = 墙或柱
drawing-escape = 疏散通道
drawing-fault = 需要调整

drawing-purpose-roadshow = 舞台与观众席
drawing-purpose-exhibition = 临展
drawing-purpose-robot_contest = 机器人竞赛
drawing-purpose-salon = 沙龙
drawing-purpose-open = 空场

drawing-side-north = 北
drawing-side-south = 南
drawing-side-west = 西
drawing-side-east = 东

drawing-tells-floor = { $purpose }。场地为 { $width } × { $height } 格，每格 0.6 米；列自西向东以字母编号，行自北向南以数字编号。
drawing-tells-blocks = { $block } { $count } 个，位于 { $from } 至 { $to }。
drawing-tells-audience = 座位 { $seats } 个，位于 { $from } 至 { $to }，面向{ $side }。
drawing-tells-gate = 入场口位于 { $from } 至 { $to }。
drawing-tells-capacity = 最多容纳 { $people } 人。
drawing-tells-faults = 有 { $count } 条规则未满足。

# 换场步骤。
job-stays = 保持不动
job-leaves = 从此处搬走
job-arrives = 放到此处
job-block = 方块
job-from = 从
job-to = 到
job-team = 小组
job-start = 开始（分:秒）
job-done = 完成
job-minutes = 分钟
job-team-name = { $team } 组
job-place-above = { $cell }，第 { $level } 层
job-tells = 共 { $steps } 步，{ $teams } 组，约 { $minutes } 分钟。
